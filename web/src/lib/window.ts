/** A time window in the URL: ISO times, either end open. */
export type TimeWindow = { from?: string; to?: string }

/** What a person typed or pasted: kept when it is a time, dropped when it is not. */
export function readTime(value: unknown): string | undefined {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return undefined
  return new Date(value).toISOString()
}
