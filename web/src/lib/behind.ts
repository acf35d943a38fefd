import type { StatisticsSearch } from './statistics-search.ts'
import type { RunStatus } from './status.ts'
import type { HistorySearch } from './url-state.ts'
import type { TimeWindow } from './window.ts'

export const OPEN_RUNS: RunStatus[] = ['pending', 'running', 'paused']
export const ERROR_RUNS: RunStatus[] = ['failed', 'timed_out', 'terminated']

/** The list of the runs that a figure counts. Null where the list cannot be asked for just those. */
export function runsBehind(search: StatisticsSearch, window: TimeWindow, more: HistorySearch = {}): HistorySearch | null {
  if (search.version !== undefined) return null
  const { deployment, buildId } = search
  return {
    ...window,
    ...(!search.children && { topLevel: true as const }),
    ...(deployment !== undefined && { deployment }),
    ...(buildId !== undefined && { buildId }),
    ...more,
  }
}
