import { formatMoment } from './moment.ts'
import type { TimeWindow } from './window.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Ranges that move with the clock, by the name that the address has for them. */
export const LASTS = {
  '1h': { label: 'Last hour', before: 'the hour before', ms: HOUR },
  '24h': { label: 'Last 24 hours', before: 'the 24 hours before', ms: DAY },
  '7d': { label: 'Last 7 days', before: 'the 7 days before', ms: 7 * DAY },
  '30d': { label: 'Last 30 days', before: 'the 30 days before', ms: 30 * DAY },
  '90d': { label: 'Last 90 days', before: 'the 90 days before', ms: 90 * DAY },
  '1y': { label: 'Last year', before: 'the year before', ms: 365 * DAY },
} as const
export type Last = keyof typeof LASTS | 'all'
export const LAST_NAMES = [...Object.keys(LASTS), 'all'] as Last[]
export const USUAL: Last = '7d'

export type RangeSearch = TimeWindow & { last?: Last }
export type Range = {
  window: TimeWindow
  label: string
  /** The time of the same length before it; null where there is none. */
  before: { from: string; to: string } | null
  beforeLabel: string
  /** Why it cannot be shown; null: it can. */
  fault: string | null
}

/** What the address asks for, at this moment. A range that moves starts on a whole minute. */
export function rangeOf(search: RangeSearch, nowMs: number): Range {
  const { from, to } = search
  if (from === undefined && to === undefined) return moving(search.last ?? USUAL, nowMs)
  const window = { ...(from && { from }), ...(to && { to }) }
  return { window, label: labelOf(window), before: beforeOf(from, to, nowMs), beforeLabel: 'the time before', fault: faultOf(from, to) }
}

function moving(last: Last, nowMs: number): Range {
  if (last === 'all') return { window: {}, label: 'All time', before: null, beforeLabel: '', fault: null }
  const { label, before, ms } = LASTS[last]
  const start = Math.floor(nowMs / 60_000) * 60_000 - ms
  const from = new Date(start).toISOString()
  return { window: { from }, label, before: { from: new Date(start - ms).toISOString(), to: from }, beforeLabel: before, fault: null }
}

function beforeOf(from: string | undefined, to: string | undefined, nowMs: number): Range['before'] {
  if (from === undefined) return null
  const start = Date.parse(from)
  const length = (to === undefined ? nowMs : Date.parse(to)) - start
  // Before 1970 no run was started.
  if (length <= 0 || start - length < 0) return null
  return { from: new Date(start - length).toISOString(), to: from }
}

function faultOf(from: string | undefined, to: string | undefined): string | null {
  if (from && to && Date.parse(from) > Date.parse(to)) return 'This range ends before it begins.'
  const isFar = [from, to].some((end) => end !== undefined && (Date.parse(end) < 0 || Date.parse(end) >= Date.parse('3000-01-01T00:00:00Z')))
  return isFar ? 'A chart over time lies between the years 1970 and 3000.' : null
}

function labelOf({ from, to }: TimeWindow): string {
  if (from && to) {
    const start = new Date(from)
    // Beside another year, the end has its own, also where that is this one.
    const isOneYear = start.getFullYear() === new Date(to).getFullYear()
    return `${shortMoment(from)} to ${isOneYear ? shortMoment(to) : shortMoment(to, start)}`
  }
  return from ? `Since ${shortMoment(from)}` : `Before ${shortMoment(to ?? '')}`
}

/** `22 Nov, 14:02`: seconds only where there are some. */
const shortMoment = (iso: string, now?: Date): string => formatMoment(iso, now).replace(/:00$/, '')
