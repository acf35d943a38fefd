import { describe, expect, it } from 'vitest'
import { stepWords } from './step-filter.ts'

describe('stepWords', () => {
  const pay = { kind: 'activity', name: 'pay' } as const
  it.each([
    [pay, ''],
    [{ ...pay, failed: true }, 'failed'],
    [{ ...pay, retries: 'expected' }, 'was retried as expected'],
    [{ ...pay, failed: true, retries: 'unexpected' }, 'failed and was retried unexpectedly'],
    [{ ...pay, clock: 'queue', minMs: 1500 }, 'waited 1.5 s or more for a worker'],
  ] as const)('%j', (filter, words) => {
    expect(stepWords(filter)).toBe(words)
  })
})
