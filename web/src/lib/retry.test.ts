import { describe, expect, it } from 'vitest'
import { differenceSentence, isServerDefault, policySentence, retryBadge, runRetries } from './retry.ts'

describe('retryBadge', () => {
  it.each([
    [{ retryCount: 0, retryVerdict: 'none', status: 'completed' }, null],
    [{ retryCount: 2, retryVerdict: 'expected', status: 'completed' }, '2 expected'],
    [{ retryCount: 4, retryVerdict: 'unexpected', status: 'failed' }, '4 unexpected'],
    [{ retryCount: 0, retryVerdict: 'unexpected', status: 'failed' }, 'unexpected'],
    [{ retryCount: null, retryVerdict: 'unknown', status: 'failed' }, null],
    [{ retryCount: 1, retryVerdict: 'unknown', status: 'failed' }, '1 retry'],
  ] as const)('%o says %s', (step, text) => {
    expect(retryBadge(step)?.text ?? null).toBe(text)
  })
})

describe('runRetries', () => {
  it('names the unexpected ones', () => {
    expect(runRetries({ retryCount: 7, unexpectedRetryCount: 4 })).toBe('7 · 4 unexpected')
    expect(runRetries({ retryCount: 0, unexpectedRetryCount: 0 })).toBe('')
  })
})

describe('policySentence', () => {
  const policy = {
    initialIntervalMs: 1000, backoffCoefficient: 2, maximumIntervalMs: 100_000, maximumAttempts: 5, nonRetryableErrorTypes: [],
  }
  it('says how often and how long', () => {
    expect(policySentence(policy)).toBe('At most 5 attempts, first wait 1.0 s, each wait × 2, never longer than 1 m 40 s.')
    expect(policySentence({ ...policy, maximumAttempts: 1 })).toBe('One attempt, no retries.')
  })
  it('knows the server’s own default', () => {
    expect(isServerDefault({ ...policy, maximumAttempts: 0 })).toBe(true)
    expect(isServerDefault(policy)).toBe(false)
  })
})

describe('differenceSentence', () => {
  const drawn = { initialIntervalMs: 2000, backoffCoefficient: 1, maximumIntervalMs: null, maximumAttempts: 5, nonRetryableErrorTypes: [] }
  it('has both policies in words', () => {
    expect(differenceSentence(drawn, { ...drawn, maximumAttempts: 0 })).toBe(
      'The server ran another retry policy than the drawing says. Drawn: At most 5 attempts, first wait 2.0 s, each wait the same. Used: Keeps trying, first wait 2.0 s, each wait the same.',
    )
  })
  it('names the errors that are never retried where only they differ', () => {
    const sentence = differenceSentence({ ...drawn, nonRetryableErrorTypes: ['CardDeclined'] }, drawn)
    expect(sentence).toContain('each wait the same. It never retries CardDeclined. Used:')
    expect(sentence).toMatch(/It retries every error\.$/)
  })
})
