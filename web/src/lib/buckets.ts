import type { Timeline } from '../api/types.ts'
import { timeZone } from './moment.ts'

type Bucket = { start: string; end: string }
type Step = Timeline['step']

const day: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' }
const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }

function format(iso: string, options: Intl.DateTimeFormatOptions, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone }).format(new Date(iso))
}

/** Below an axis: `14:00`, `15 Nov`, `Nov 2026`. Over several days only the first bucket of each day has a word. */
export function bucketTicks(buckets: readonly Bucket[], step: Step, zone: string = timeZone): string[] {
  if (step === 'month') return buckets.map((bucket) => format(bucket.start, { month: 'short', year: 'numeric' }, zone))
  if (step === 'day' || step === 'week') return buckets.map((bucket) => format(bucket.start, day, zone))
  const [first, last] = [buckets[0], buckets.at(-1)]
  const spansDays = first !== undefined && last !== undefined && Date.parse(last.end) - Date.parse(first.start) > 2 * 86_400_000
  const days = buckets.map((bucket) => format(bucket.start, day, zone))
  return buckets.map((bucket, at) => {
    const beginsDay = at > 0 && days[at] !== days[at - 1]
    if (spansDays) return beginsDay ? (days[at] ?? '') : ''
    return beginsDay ? (days[at] ?? '') : format(bucket.start, time, zone)
  })
}

/** In a table: `Sun 25 Oct 2026`, `15 Nov 2026, 12:00–15:00`, `Oct 2026`. */
export function bucketName(bucket: Bucket, step: Step, zone: string = timeZone): string {
  const year = { year: 'numeric' } as const
  const last = new Date(Date.parse(bucket.end) - 1).toISOString()
  if (step === 'day') return format(bucket.start, { weekday: 'short', ...day, ...year }, zone)
  if (step === 'week') return `${format(bucket.start, day, zone)}–${format(last, { ...day, ...year }, zone)}`
  if (step === 'month') {
    const [first, end] = [bucket.start, last].map((iso) => format(iso, { month: 'short', ...year }, zone))
    return first === end ? `${first}` : `${first}–${end}`
  }
  // The hour that comes twice is told apart by its distance from UTC.
  const ends = `${format(bucket.start, time, zone)}–${format(bucket.end, time, zone)}`
  return `${format(bucket.start, { ...day, ...year }, zone)}, ${ends}${isChangeOfClock(bucket, zone) ? ` (${offsetOf(new Date(bucket.start), zone)})` : ''}`
}

/** Is another hour near it that the clock shows the same? */
function isChangeOfClock({ start }: Bucket, zone: string): boolean {
  const [before, here, after] = [-2, 0, 2].map((hours) => offsetOf(new Date(Date.parse(start) + hours * 3_600_000), zone))
  return before !== here || here !== after
}

function offsetOf(at: Date, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? ''
}

/** `3 hours each`, `1 day each`. */
export function bucketLength({ step, every }: Pick<Timeline, 'step' | 'every'>): string {
  return every === 1 ? `one ${step} each` : `${every} ${step}s each`
}
