/** Where a step's bars go on the run's time line. Fractions of its width, from 0 to 1. */
export type BarKind = 'queue' | 'ran' | 'failed' | 'backoff' | 'waiting' | 'open'
export type Bar = { kind: BarKind; from: number; to: number }
export type Span = { startMs: number; endMs: number }

export type TimedStep = {
  status: string
  kind: string
  scheduledAt: string | null
  startedAt: string | null
  completedAt: string | null
  queueMs: number | null
  retryMs: number | null
  waitingMs: number | null
}
export type TimedAttempt = { startedAt: string | null; endedAt: string | null; failure: object | null }

const FAILED = new Set(['failed', 'timed_out', 'terminated'])
const OPEN = new Set(['pending', 'running', 'retrying', 'paused'])

/** The run's own span, stretched to hold every step: a child or a late cancel may end after the run did. */
export function spanOf(run: Span, steps: readonly TimedStep[]): Span {
  let { startMs, endMs } = run
  for (const step of steps) {
    if (step.scheduledAt) startMs = Math.min(startMs, Date.parse(step.scheduledAt))
    if (step.completedAt) endMs = Math.max(endMs, Date.parse(step.completedAt))
  }
  return { startMs, endMs: Math.max(endMs, startMs + 1) }
}

/** The bars of one step, left to right. Attempts that were seen are drawn; the rest is one back-off line. */
export function barsOf(step: TimedStep, span: Span, attempts: readonly TimedAttempt[] = []): Bar[] {
  if (!step.scheduledAt) return []
  const scheduled = Date.parse(step.scheduledAt)
  const end = endOf(step, span)
  if (step.waitingMs !== null || step.kind === 'timer') return cut([bar('waiting', scheduled, end)], span)
  const started = step.startedAt ? Date.parse(step.startedAt) : null
  const isOpen = OPEN.has(step.status)
  const work: BarKind = FAILED.has(step.status) ? 'failed' : isOpen ? 'open' : 'ran'
  const seen = attempts.filter((attempt) => attempt.endedAt !== null)
  if (seen.length > 1 || (isOpen && seen.length > 0)) return cut(attemptBars(scheduled, end, seen, isOpen), span)
  if (started === null) return cut([bar(step.status === 'retrying' ? 'backoff' : 'queue', scheduled, end)], span)
  const before: BarKind = step.retryMs ? 'backoff' : 'queue'
  return cut([bar(before, scheduled, started), bar(work, started, end)], span)
}

function endOf(step: TimedStep, span: Span): number {
  if (step.completedAt) return Date.parse(step.completedAt)
  if (step.kind === 'signal') return Date.parse(step.scheduledAt ?? '')
  return span.endMs
}

function attemptBars(scheduled: number, end: number, seen: readonly TimedAttempt[], isOpen: boolean): Bar[] {
  const bars: Bar[] = []
  let cursor = scheduled
  seen.forEach((attempt, at) => {
    const to = Date.parse(attempt.endedAt ?? '')
    // Of an attempt seen through Describe only its end is known: it becomes a mark without length.
    const from = attempt.startedAt ? Date.parse(attempt.startedAt) : to
    bars.push(bar(at === 0 && attempt.startedAt ? 'queue' : 'backoff', cursor, from), bar(attempt.failure ? 'failed' : 'ran', from, to))
    cursor = to
  })
  if (isOpen) bars.push(bar('backoff', cursor, end))
  return bars
}

function bar(kind: BarKind, from: number, to: number): Bar {
  return { kind, from, to }
}

function cut(bars: Bar[], span: Span): Bar[] {
  const width = span.endMs - span.startMs
  const place = (ms: number): number => Math.min(Math.max((ms - span.startMs) / width, 0), 1)
  return bars
    .map(({ kind, from, to }) => ({ kind, from: place(from), to: place(Math.max(to, from)) }))
    .filter(({ kind, from, to }) => to > from || kind === 'ran' || kind === 'failed')
}

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 20e3, 30e3, 60e3, 120e3, 300e3, 600e3, 1200e3, 1800e3, 3600e3,
  2 * 3600e3, 6 * 3600e3, 12 * 3600e3, 86400e3, 2 * 86400e3, 7 * 86400e3, 30 * 86400e3, 90 * 86400e3, 365 * 86400e3,
]

/** Round distances from the start, at most `most` of them: `0`, 20 s, 40 s, … in milliseconds. */
export function ticksOf(span: Span, most: number): number[] {
  const width = span.endMs - span.startMs
  const step = STEPS_MS.find((ms) => width / ms <= most) ?? width
  const ticks: number[] = []
  for (let at = 0; at <= width; at += step) ticks.push(at)
  return ticks
}

/** A tick in its own unit, short: `0`, `20 s`, `5 m`, `2 h`, `3 d`. */
export function tickLabel(ms: number): string {
  if (ms === 0) return '0 s'
  if (ms < 1000) return `${ms} ms`
  if (ms < 60e3) return `${ms / 1000} s`
  if (ms < 3600e3) return `${ms / 60e3} m`
  if (ms < 86400e3) return `${ms / 3600e3} h`
  return `${ms / 86400e3} d`
}
