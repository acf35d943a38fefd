import { formatDuration } from './duration.ts'
import { formatMoment } from './moment.ts'
import type { HistorySearch } from './url-state.ts'

/** Does the address show some runs only? */
export function isFiltered({ sort: _sort, order: _order, ...filters }: HistorySearch): boolean {
  return Object.keys(filters).length > 0
}

export function startedWords({ from, to }: Pick<HistorySearch, 'from' | 'to'>): string | undefined {
  if (from && to) return `started ${formatMoment(from)} to ${formatMoment(to)}`
  if (from) return `started since ${formatMoment(from)}`
  return to ? `started before ${formatMoment(to)}` : undefined
}

/** The shortest is in, the longest is not. */
export function tookWords({ minDurationMs: min, maxDurationMs: max }: Pick<HistorySearch, 'minDurationMs' | 'maxDurationMs'>): string | undefined {
  if (min !== undefined && max !== undefined) return `took ${formatDuration(min)} to ${formatDuration(max)}`
  if (min !== undefined) return `took ${formatDuration(min)} or more`
  return max === undefined ? undefined : `took less than ${formatDuration(max)}`
}

/** What the runs have in common, told by one of them; a key says nothing to a person. */
export function errorWords(group: string, run: { errorType: string | null; errorMessage: string | null } | undefined): string {
  if (group === '') return 'error not known'
  const told = [run?.errorType, run?.errorMessage].filter((part) => part).join(': ')
  return told === '' ? 'one error' : `error like ${told}`
}
