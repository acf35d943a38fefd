const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

/** `12 ms`, `1.1 s`, `1 m 21 s`, `3 h 12 m`, `4 d 3 h`, `2 y 170 d`. Two units at most, never rounded up into the next one. */
export function formatDuration(ms: number): string {
  if (ms <= 0) return '0 s'
  if (ms < 1) return '< 1 ms'
  if (ms < 100) return `${Math.floor(ms)} ms`
  if (ms < MINUTE) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  if (ms < HOUR) return twoUnits(ms, MINUTE, 'm', SECOND, 's', 2)
  if (ms < DAY) return twoUnits(ms, HOUR, 'h', MINUTE, 'm', 1)
  if (ms < YEAR) return twoUnits(ms, DAY, 'd', HOUR, 'h', 1)
  return twoUnits(ms, YEAR, 'y', DAY, 'd', 1)
}

/** Beside an axis, where there is little room: `158 ms`, `1.6 s`, `10 s`, `1.7 m`, `2 h`. One unit, the nearest, and no part where there is none. */
export function formatAxisDuration(ms: number): string {
  if (ms < 1) return formatDuration(ms)
  if (ms < SECOND) return `${Math.round(ms)} ms`
  if (ms < MINUTE) return `${Number((ms / SECOND).toFixed(1))} s`
  const [length, name] = AXIS_UNITS.find(([unit]) => ms >= unit) ?? [MINUTE, 'm']
  return `${(ms / length).toFixed(1).replace(/\.0$/, '')} ${name}`
}

/** Where one bar of a chart ends and the next begins, so that no two are told the same: `158 ms`, `1.58 s`, `1 m 21 s`. */
export function formatEdge(ms: number): string {
  if (ms < 1 || ms >= MINUTE) return formatDuration(ms)
  return ms < SECOND ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / SECOND).toPrecision(3))} s`
}

const AXIS_UNITS = [[YEAR, 'y'], [DAY, 'd'], [HOUR, 'h'], [MINUTE, 'm']] as const

/** A duration that is still growing ends in an ellipsis: `3 h 12 m …`. */
export function formatRunningDuration(ms: number): string {
  return `${formatDuration(ms)} …`
}

function twoUnits(ms: number, big: number, bigName: string, small: number, smallName: string, width: number): string {
  const rest = Math.floor((ms % big) / small)
  return `${Math.floor(ms / big)} ${bigName} ${String(rest).padStart(width, '0')} ${smallName}`
}
