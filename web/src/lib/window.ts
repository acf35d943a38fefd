/** A time window in the URL: ISO times, either end open. */
export type TimeWindow = { from?: string; to?: string }

export const PRESETS = [
  { label: 'Last hour', ms: 3_600_000 },
  { label: 'Last 24 hours', ms: 86_400_000 },
  { label: 'Last 7 days', ms: 7 * 86_400_000 },
  { label: 'Last 30 days', ms: 30 * 86_400_000 },
] as const

/** From a preset: its start, cut to the minute so that the address can be read and cached. */
export function windowSince(ms: number, nowMs: number): TimeWindow {
  const start = nowMs - ms
  return { from: new Date(start - (start % 60_000)).toISOString() }
}

/** What a person typed or pasted: kept when it is a time, dropped when it is not. */
export function readTime(value: unknown): string | undefined {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return undefined
  return new Date(value).toISOString()
}
