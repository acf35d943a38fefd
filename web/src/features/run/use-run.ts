import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { client } from '../../api/client.ts'
import { firstPageOf } from '../../api/run.ts'
import type { Component, DetailsPage, Execution, Sync } from '../../api/types.ts'
import { isOpen } from '../../lib/status.ts'

const NEXT_PAGES = 1000
/** What happens in Temporal is to be seen within a second; an answer about a run that is followed costs a read. */
const LIVE_MS = 500
const SETTLING_MS = 2500

export type Run = {
  execution: Execution
  sync: Sync
  steps: readonly Component[]
  hasAllSteps: boolean
  /** Asks for the steps behind the first page; again and again does no harm. */
  loadRest: () => void
}

/**
 * A run with its steps. The first page comes alone: a run of 2,000 steps is usable after 200, and the other 1,800 are
 * 260 kB that most people never scroll to. The rest comes in big pages once somebody needs it, and again only when the
 * run has moved. Asks while the run is open and stops when it closed.
 */
export function useRun(executionId: string) {
  const first = useQuery({ ...firstPageOf(executionId), refetchInterval: (query) => intervalOf(query.state.data) })
  const cursor = first.data?.nextCursor ?? null
  const [wanted, setWanted] = useState<string | null>(null)
  const loadRest = useCallback(() => setWanted(executionId), [executionId])
  const rest = useQuery({
    queryKey: ['run-rest', executionId, cursor, versionOf(first.data)],
    queryFn: ({ signal }) => fetchRest(executionId, cursor, signal),
    enabled: cursor !== null && wanted === executionId,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
  const run = useMemo(
    () => (first.data?.execution.id === executionId ? toRun(first.data, cursor === null ? [] : (rest.data ?? null), loadRest) : null),
    [first.data, rest.data, cursor, executionId, loadRest],
  )
  return { run, error: first.error, refetch: first.refetch, isRefetching: first.isRefetching }
}

function toRun(page: DetailsPage, rest: readonly Component[] | null, loadRest: () => void): Run {
  const steps = rest?.length ? [...page.components, ...rest] : page.components
  return { execution: page.execution, sync: page.sync, steps, hasAllSteps: rest !== null, loadRest }
}

function intervalOf(page: DetailsPage | undefined): number | false {
  if (!page) return false
  if (isOpen(page.execution.status) && page.sync.state !== 'gone') return LIVE_MS
  return page.sync.state === 'syncing' || page.sync.state === 'stale' ? SETTLING_MS : false
}

/** Changes whenever a step may have changed. */
function versionOf(page: DetailsPage | undefined): string {
  const run = page?.execution
  return run ? `${run.historyLength}:${run.retryCount}:${run.status}:${run.componentCount}` : ''
}

async function fetchRest(executionId: string, from: string | null, signal: AbortSignal): Promise<Component[]> {
  const steps: Component[] = []
  let cursor = from
  while (cursor !== null) {
    const page = await client.execution.getExecutionDetails.query({ executionId, limit: NEXT_PAGES, cursor }, { signal })
    steps.push(...page.components)
    cursor = page.nextCursor
  }
  return steps
}
