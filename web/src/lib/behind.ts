import type { StatisticsSearch } from './statistics-search.ts'
import type { RunStatus } from './status.ts'
import type { HistorySearch } from './url-state.ts'
import type { TimeWindow } from './window.ts'

export const OPEN_RUNS: RunStatus[] = ['pending', 'running', 'paused']

/** The list of the runs that a figure counts. */
export function runsBehind(search: StatisticsSearch, window: TimeWindow, more: HistorySearch = {}): HistorySearch {
  const { version, deployment, buildId } = search
  return {
    ...window,
    ...(!search.children && { topLevel: true as const }),
    ...(version !== undefined && { version }),
    ...(deployment !== undefined && { deployment }),
    ...(buildId !== undefined && { buildId }),
    ...more,
  }
}
