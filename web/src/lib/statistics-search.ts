import { LAST_NAMES, type RangeSearch } from './range.ts'
import { STEP_CLOCKS, type StepClock } from './step-filter.ts'
import { isVersion, readWindow } from './url-state.ts'

export const CLOCKS = STEP_CLOCKS
export type ClockName = StepClock
export const CLOCK_WORDS: Record<ClockName, string> = {
  execution: 'execution',
  queue: 'queue',
  retry: 'back-off',
  waiting: 'waiting',
  duration: 'altogether',
}
export const SORTS = ['count', 'failed', 'expected', 'unexpected', 'p50', 'p95', 'share'] as const
export type SortName = (typeof SORTS)[number]
export const CHARTS = ['durations', 'runs', 'distribution'] as const
export type ChartName = (typeof CHARTS)[number]

/** What a statistics page shows; all of it is in its address. */
export type StatisticsSearch = RangeSearch & {
  /** Leave the comparison with the time before away. */
  compare?: false
  /** Sub-workflows count too. */
  children?: true
  version?: number
  deployment?: string
  buildId?: string
  clock?: ClockName
  byNode?: true
  sort?: SortName
  /** Charts that are shown as tables. */
  tables?: ChartName[]
}
export type VersionFilter = { version: number } | { deployment?: string; buildId?: string }

/** A project's figures are of all versions. */
export function readProjectStatisticsSearch(search: Record<string, unknown>): StatisticsSearch {
  const { version: _version, deployment: _deployment, buildId: _buildId, ...rest } = readStatisticsSearch(search)
  return rest
}

export function readStatisticsSearch(search: Record<string, unknown>): StatisticsSearch {
  const { version, deployment, buildId } = search
  const last = LAST_NAMES.find((one) => one === search['last'])
  const clock = CLOCKS.find((one) => one === search['clock'])
  const sort = SORTS.find((one) => one === search['sort'])
  const shown = search['tables']
  const tables = CHARTS.filter((one) => (Array.isArray(shown) ? shown.includes(one) : shown === one))
  return {
    ...readWindow(search),
    ...(last && { last }),
    ...(search['compare'] === false && { compare: false as const }),
    ...(search['children'] === true && { children: true as const }),
    ...(isVersion(version) && { version }),
    ...(!isVersion(version) && typeof deployment === 'string' && { deployment }),
    // An id of digits alone comes as a number.
    ...(!isVersion(version) && (typeof buildId === 'string' || typeof buildId === 'number') && { buildId: String(buildId) }),
    ...(clock && { clock }),
    ...(search['byNode'] === true && { byNode: true as const }),
    ...(sort && { sort }),
    ...(tables.length > 0 && { tables }),
  }
}

export function versionFilter({ version, deployment, buildId }: StatisticsSearch): VersionFilter | undefined {
  if (version !== undefined) return { version }
  if (deployment === undefined && buildId === undefined) return undefined
  return { ...(deployment !== undefined && { deployment }), ...(buildId !== undefined && { buildId }) }
}
