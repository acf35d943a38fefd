import type { Component } from '../api/types.ts'
import { formatDuration } from './duration.ts'
import { isOpenStep } from './status.ts'

type Tried = Pick<Component, 'status' | 'attempt' | 'startedAt' | 'nextAttemptAt' | 'retryPolicy'>

/** What goes on right now with an open step that is tried again: `Attempt 4 of 5 begins in 12 s`. Null when nothing does. */
export function attemptNow(step: Tried, nowMs: number, isRunPaused = false): string | null {
  if (!isOpenStep(step.status) || step.attempt === null) return null
  const which = `Attempt ${step.attempt}${limitOf(step)}`
  if (step.status === 'paused') return step.startedAt === null ? `${which} waits until the step is resumed` : `${which} is still at work; no other begins until the step is resumed`
  if (isRunPaused && step.status !== 'running') return `${which} waits until the run is resumed`
  if (step.status === 'retrying') {
    if (step.nextAttemptAt === null) return `${which} waits for a worker`
    const wait = Date.parse(step.nextAttemptAt) - nowMs
    return wait > 0 ? `${which} begins in ${wholeSeconds(wait)}` : `${which} is due`
  }
  if (step.status !== 'running' || step.startedAt === null) return null
  return `${which} has been running for ${wholeSeconds(nowMs - Date.parse(step.startedAt))}`
}

/** The same for one line of a list, where the number stands beside it: `next attempt in 12 s`. */
export function nextAttemptIn(step: Tried, nowMs: number): string | null {
  if (step.status !== 'retrying' || step.nextAttemptAt === null) return null
  const wait = Date.parse(step.nextAttemptAt) - nowMs
  return wait > 0 ? `next attempt in ${wholeSeconds(wait)}` : 'next attempt is due'
}

function limitOf(step: Tried): string {
  const most = step.retryPolicy?.maximumAttempts
  if (most === undefined) return ''
  return most === 0 ? ' (no limit)' : ` of ${most}`
}

/** `12 s`, `3 m 05 s`: a clock that somebody watches ticks in whole seconds. */
function wholeSeconds(ms: number): string {
  const seconds = Math.max(Math.ceil(ms / 1000), 0)
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000)
}
