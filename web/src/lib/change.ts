import { formatCount, formatRate } from './figure.ts'

/** How a figure moved against the time before; null where there is nothing to compare with. */
export type Change = { way: 'up' | 'down' | 'same'; text: string }

/** `6 %`, of a count or a duration. A figure that was not there before, or was nothing, has no change in percent. */
export function relativeChange(now: number | null, before: number | null): Change | null {
  if (now === null || before === null || before <= 0) return null
  const change = (now - before) / before
  if (Math.abs(change) < 0.005) return { way: 'same', text: 'as before' }
  const percent = Math.abs(change) * 100
  return { way: change > 0 ? 'up' : 'down', text: percent >= 1000 ? `${formatCount(Math.round(change + 1))} times` : `${Math.round(percent)} %` }
}

/** `1.2 points`: percentage points, of a rate. */
export function pointChange(now: number | null, before: number | null): Change | null {
  if (now === null || before === null) return null
  const points = (now - before) * 100
  if (Math.abs(points) < 0.05) return { way: 'same', text: 'as before' }
  return { way: points > 0 ? 'up' : 'down', text: `${Math.abs(points).toFixed(1)} points` }
}

/** `98.5–98.9 %`. */
export function formatInterval({ low, high }: { low: number; high: number }): string {
  const [from, to] = [formatRate(low), formatRate(high)]
  return from === to ? to : `${from.replace(' %', '')}–${to}`
}
