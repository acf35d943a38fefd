import { formatDuration } from './duration.ts'
import { locale } from './locale.ts'

const DAY_AND_TIME: Intl.DateTimeFormatOptions = {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
}

export const timeZone: string = new Intl.DateTimeFormat(locale).resolvedOptions().timeZone

/** `22 Nov, 14:02:11`, with the year when it is not this one. */
export function formatMoment(iso: string, now: Date = new Date(), zone: string = timeZone): string {
  const at = new Date(iso)
  const sameYear = at.getFullYear() === now.getFullYear()
  const options = { ...DAY_AND_TIME, timeZone: zone, ...(sameYear ? {} : { year: 'numeric' as const }) }
  return new Intl.DateTimeFormat('en-GB', options).format(at)
}

/** To the last digit that Temporal recorded, for the tooltip: `2026-11-22 14:02:11.123456 UTC`. */
export function formatExactMoment(iso: string): string {
  return iso.replace('T', ' ').replace(/Z$|\+00:00$/, ' UTC')
}

/** `just now`, `3 s ago`, `2 m ago`, `5 h ago`, `3 d ago`: the biggest unit alone. */
export function formatAge(iso: string, nowMs: number): string {
  const age = Math.max(nowMs - Date.parse(iso), 0)
  if (age < 1000) return 'just now'
  if (age < 60_000) return `${Math.floor(age / 1000)} s ago`
  const [count, unit] = formatDuration(age).split(' ')
  return `${count} ${unit} ago`
}

/** `now`, `in 3 s`, `in 2 m`, `in 5 h`, `in 3 d`: the biggest unit alone. */
export function formatUntil(iso: string, nowMs: number): string {
  const left = Date.parse(iso) - nowMs
  if (left < 1000) return 'now'
  if (left < 60_000) return `in ${Math.floor(left / 1000)} s`
  const [count, unit] = formatDuration(left).split(' ')
  return `in ${count} ${unit}`
}

/** `14:02:11.123`: the time of day alone, for rows below a date. */
export function formatTimeOfDay(iso: string, zone: string = timeZone): string {
  return new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
    timeZone: zone,
  }).format(new Date(iso))
}
