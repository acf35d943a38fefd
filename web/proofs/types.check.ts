// Checked by `tsc`, never run: the generated types are exactly what the client infers, and wrong calls do not compile.
import { createTRPCClient, httpLink, isTRPCClientError } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { createTRPCOptionsProxy, type TRPCOptionsProxy } from '@trpc/tanstack-react-query'
import type { QueryClient } from '@tanstack/react-query'
import type * as Types from '../src/api/trpc.gen.ts'
import type * as Sample from './sample.gen.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function same<A, B>(yes: Equal<A, B>): void

type In = inferRouterInputs<Types.AppRouter>
type Out = inferRouterOutputs<Types.AppRouter>

same<Out['execution']['getExecutionHistory'], Types.ExecutionHistory>(true)
same<Out['execution']['getExecutionDetails'], Types.ExecutionDetailsPage>(true)
same<Out['execution']['getComponentExecution'], Types.ComponentExecutionDetails>(true)
same<Out['execution']['getExecutionValues'], Types.ExecutionValues>(true)
same<Out['execution']['getHistoryEvents'], Types.HistoryEvents>(true)
same<Out['execution']['getHistoryEvents']['events'], Types.Json[]>(true)
same<Out['execution']['getWorkflowStatistics'], Types.WorkflowStatistics>(true)
same<Out['execution']['getProjectStatistics'], Types.ProjectStatistics>(true)
same<Out['execution']['syncExecutionFromTemporal'], Types.SyncResult>(true)
same<Out['project']['list'], Types.Projects>(true)
same<Out['workflow']['get'], Types.Workflow>(true)
same<Out['session']['me'], Types.Me>(true)
same<In['execution']['getExecutionHistory'], Types.ExecutionHistoryInput>(true)
same<In['project']['list'], void>(true)
same<inferRouterInputs<Sample.AppRouter>['sample']['greet'], Sample.GreetInput | undefined | void>(true)
same<inferRouterOutputs<Sample.AppRouter>['sample']['echo'], Sample.Value>(true)
same<Types.ExecutionSummary['startedAt'], string>(true)
same<Types.ExecutionSummary['closedAt'], string | null>(true)
same<Types.Failure['cause'], Types.Failure | null>(true)
same<Types.ExecutionStatus extends string ? true : false, true>(true)

export async function calls(queryClient: QueryClient): Promise<void> {
  const client = createTRPCClient<Types.AppRouter>({ links: [httpLink({ url: '/trpc' })] })
  const page = await client.execution.getExecutionHistory.query({ workflowId: 'w', status: ['failed'], limit: 5 })
  same<typeof page, Types.ExecutionHistory>(true)
  await client.execution.syncExecutionFromTemporal.mutate({ executionId: 'e' })
  await client.project.list.query()
  // @ts-expect-error an input is needed
  await client.execution.getExecutionDetails.query()
  // @ts-expect-error a number is no limit
  await client.execution.getExecutionHistory.query({ workflowId: 'w', limit: '5' })
  // @ts-expect-error no such field
  await client.execution.getExecutionHistory.query({ workflowId: 'w', page: 2 })
  // @ts-expect-error no such status
  await client.execution.getExecutionHistory.query({ workflowId: 'w', status: ['broken'] })
  // @ts-expect-error no such procedure
  await client.execution.getEverything.query({})
  // @ts-expect-error a query is not a mutation
  await client.execution.getExecutionDetails.mutate({ executionId: 'e' })
  // @ts-expect-error a mutation is not a query
  await client.execution.tryAgain.query({ executionId: 'e' })
  // @ts-expect-error no such output
  page.items[0]?.finishedAt
  // @ts-expect-error a transformer is not used
  httpLink<Types.AppRouter>({ url: '/trpc', transformer: { serialize: String, deserialize: String } })
  try {
    await client.session.me.query()
  } catch (error) {
    if (isTRPCClientError<Types.AppRouter>(error)) {
      same<NonNullable<typeof error.data>['issues'], Types.ValidationIssue[] | undefined>(true)
    }
  }
  const trpc: TRPCOptionsProxy<Types.AppRouter> = createTRPCOptionsProxy<Types.AppRouter>({ client, queryClient })
  trpc.execution.getExecutionHistory.infiniteQueryOptions({ workflowId: 'w' }, { getNextPageParam: (last) => last.nextCursor })
  trpc.execution.getExecutionDetails.queryOptions({ executionId: 'e' })
  // @ts-expect-error only inputs with a cursor page
  trpc.execution.getWorkflowStatistics.infiniteQueryOptions({ workflowId: 'w' }, {})
}
