import { keepPreviousData, QueryCache, QueryClient } from '@tanstack/react-query'
import { createTRPCClient, httpBatchLink, httpLink, isTRPCClientError, splitLink } from '@trpc/client'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import type { AppRouter } from './trpc.gen.ts'

const url = '/trpc'

/** Calls that may wait for Temporal go alone: in a batch the quick ones would wait with them. */
const SLOW = new Set([
  'execution.getExecutionDetails',
  'execution.getComponentExecution',
  'execution.syncExecutionFromTemporal',
  'execution.resolve',
  'backfill.estimate',
  'execution.decodeExecution',
  'execution.decodeComponentExecution',
  'connection.test',
  'workflow.run',
  'execution.cancel',
  'execution.terminate',
  'execution.approve',
  'execution.getInput',
])

/** Questions about a whole drawing, which no address could hold. */
const LONG = new Set(['workflow.validate', 'expression.check', 'expression.preview'])

export const client = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: ({ path }) => LONG.has(path),
      true: httpLink({ url, methodOverride: 'POST' }),
      false: splitLink({
        condition: ({ path }) => SLOW.has(path),
        true: httpLink({ url }),
        false: httpBatchLink({ url, maxURLLength: 14_000, maxItems: 10 }),
      }),
    }),
  ],
})

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    // A session that somebody ended elsewhere shows in whatever is asked next: then the page asks who it is.
    onError: (error) => {
      if (isSignedOut(error)) void queryClient.invalidateQueries({ ...api.session.me.queryFilter(), predicate: (query) => query.state.status !== 'error' })
    },
  }),
  defaultOptions: {
    queries: {
      retry: (count, error) => count < 2 && !isRefusal(error),
      staleTime: 1000,
      placeholderData: keepPreviousData,
    },
  },
})

export const api = createTRPCOptionsProxy<AppRouter>({ client, queryClient })

/** The server understood and said no: asking again changes nothing. */
function isRefusal(error: unknown): boolean {
  const status = httpStatus(error)
  return status !== null && status >= 400 && status < 500
}

export function isSignedOut(error: unknown): boolean {
  return httpStatus(error) === 401
}

export function isNotFound(error: unknown): boolean {
  const status = httpStatus(error)
  return status === 404 || status === 400
}

/** Somebody else was first: nothing was changed. */
export function isConflict(error: unknown): boolean {
  return httpStatus(error) === 409
}

function httpStatus(error: unknown): number | null {
  if (!isTRPCClientError<AppRouter>(error)) return null
  return error.data?.httpStatus ?? null
}
