// Must not compile; a test reads the compiler's words.
import { createTRPCClient, httpLink } from '@trpc/client'
import type { AppRouter } from '../src/api/trpc.gen.ts'

const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: '/trpc' })] })
const page = await client.execution.getExecutionHistory.query({ workflowId: 'w', limit: 'many' })
console.log(page.items[0]?.finishedAt)
