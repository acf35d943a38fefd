import { expect, it } from 'vitest'
import { timeSplit } from './time-split.ts'

const none = { queueMs: null, executionMs: null, retryMs: null, waitingMs: null, copied: false }

it('adds up each clock and gives its share', () => {
  const steps = [
    { ...none, queueMs: 100, executionMs: 300 },
    { ...none, executionMs: 300, retryMs: 300 },
  ]
  expect(timeSplit(steps)).toEqual([
    { clock: 'queue', ms: 100, share: 0.1 },
    { clock: 'execution', ms: 600, share: 0.6 },
    { clock: 'back-off', ms: 300, share: 0.3 },
  ])
})

it('leaves out what was copied from before a reset', () => {
  expect(timeSplit([{ ...none, executionMs: 5, copied: true }])).toEqual([])
})
