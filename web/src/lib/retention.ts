import type { Removal, Retention } from '../api/types.ts'
import { counted, formatCount } from './figure.ts'
import { locale } from './locale.ts'

export const FEWEST_DAYS = 1
export const MOST_DAYS = 36_500

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
const days = new Intl.NumberFormat(locale)

/** `1 August 2026`, in UTC as months of runs are. */
export function formatDay(iso: string): string {
  return day.format(new Date(iso))
}

/** The days that were typed; null when they are no number that runs can be kept for. */
export function readDays(typed: string): number | null {
  const text = typed.trim()
  if (!/^\d{1,6}$/.test(text)) return null
  const read = Number(text)
  return read >= FEWEST_DAYS && read <= MOST_DAYS ? read : null
}

export function keptFor(keepDays: number | null): string {
  return keepDays === null ? 'Runs are kept for ever.' : `Runs are kept for ${days.format(keepDays)} ${keepDays === 1 ? 'day' : 'days'} after they ended.`
}

/** What has gone so far; null while nothing has. */
export function goneSoFar({ removedRuns, rowsFrom }: Retention): string | null {
  if (rowsFrom === null || removedRuns === 0) return null
  return `Removed so far: ${counted(removedRuns, 'run')} that started before ${formatDay(rowsFrom)}. Figures from before are by whole days (UTC); lists hold only what is kept.`
}

/** What goes at once, for the question before it does. */
export function whatGoes({ runs, runsAreExact, rowsFrom, closedBefore }: Removal): string {
  if (runs === 0) return 'No run has to be removed now.'
  const number = runsAreExact ? counted(runs, 'run') : `More than ${formatCount(runs)} runs`
  return `${number} that started before ${formatDay(rowsFrom)} and ended before ${formatDay(closedBefore)} (UTC) will be removed for good.`
}

/** When the next month begins to go. */
export function whenNext({ nextAt }: Removal): string {
  return `Runs go by whole months of their start. The next month begins to go on ${formatDay(nextAt)}.`
}
