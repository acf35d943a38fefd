import { describe, expect, it } from 'vitest'
import { createFakeComponent } from '../../fake/builders.ts'
import { attemptNow, nextAttemptIn } from './attempt.ts'

const now = Date.parse('2026-11-22T14:00:00Z')
const at = (seconds: number): string => new Date(now + seconds * 1000).toISOString()

describe('what goes on with a step that is tried again', () => {
  it('counts down to the next attempt', () => {
    const step = createFakeComponent({ status: 'retrying', attempt: 4, nextAttemptAt: at(11.2) })
    expect(attemptNow(step, now)).toBe('Attempt 4 of 5 begins in 12 s')
    expect(nextAttemptIn(step, now)).toBe('next attempt in 12 s')
    expect(attemptNow(step, now + 12_000)).toBe('Attempt 4 of 5 is due')
    expect(nextAttemptIn(step, now + 12_000)).toBe('next attempt is due')
  })

  it('says when there is no limit, and long waits in minutes', () => {
    const policy = { initialIntervalMs: 1000, backoffCoefficient: 2, maximumIntervalMs: null, maximumAttempts: 0, nonRetryableErrorTypes: [] }
    const step = createFakeComponent({ status: 'retrying', attempt: 9, nextAttemptAt: at(185), retryPolicy: policy })
    expect(attemptNow(step, now)).toBe('Attempt 9 (no limit) begins in 3 m 05 s')
  })

  it('counts how long the present attempt runs', () => {
    const step = createFakeComponent({ status: 'running', attempt: 4, startedAt: at(-3), retryPolicy: null })
    expect(attemptNow(step, now)).toBe('Attempt 4 has been running for 3 s')
    expect(nextAttemptIn(step, now)).toBeNull()
  })

  it('says what a step without a time waits for', () => {
    expect(attemptNow(createFakeComponent({ status: 'retrying', attempt: 2 }), now)).toBe('Attempt 2 of 5 waits for a worker')
    expect(attemptNow(createFakeComponent({ status: 'retrying', attempt: 2 }), now, true)).toBe('Attempt 2 of 5 waits until the run is resumed')
    expect(attemptNow(createFakeComponent({ status: 'paused', attempt: 2, startedAt: null }), now)).toBe('Attempt 2 of 5 waits until the step is resumed')
    expect(attemptNow(createFakeComponent({ status: 'paused', attempt: 2 }), now)).toBe('Attempt 2 of 5 is still at work; no other begins until the step is resumed')
  })

  it('is silent about steps that have ended', () => {
    expect(attemptNow(createFakeComponent({ status: 'completed', attempt: 2 }), now)).toBeNull()
  })
})
