import { describe, expect, it } from 'vitest'
import { barsOf, spanOf, tickLabel, ticksOf, type TimedStep } from './timeline.ts'

const at = (seconds: number): string => new Date(seconds * 1000).toISOString()
const span = { startMs: 0, endMs: 100_000 }

function step(overrides: Partial<TimedStep>): TimedStep {
  return {
    status: 'completed', kind: 'activity', scheduledAt: at(10), startedAt: at(20), completedAt: at(40),
    queueMs: 10_000, retryMs: null, waitingMs: null, ...overrides,
  }
}

describe('barsOf', () => {
  it('splits queue from work', () => {
    expect(barsOf(step({}), span)).toEqual([
      { kind: 'queue', from: 0.1, to: 0.2 },
      { kind: 'ran', from: 0.2, to: 0.4 },
    ])
  })
  it('draws retries nobody saw as back-off before the last attempt', () => {
    expect(barsOf(step({ status: 'failed', queueMs: null, retryMs: 10_000 }), span)).toEqual([
      { kind: 'backoff', from: 0.1, to: 0.2 },
      { kind: 'failed', from: 0.2, to: 0.4 },
    ])
  })
  it('draws each attempt that was seen', () => {
    const attempts = [
      { startedAt: at(12), endedAt: at(14), failure: {} },
      { startedAt: at(20), endedAt: at(40), failure: null },
    ]
    expect(barsOf(step({}), span, attempts).map((one) => one.kind)).toEqual(['queue', 'failed', 'backoff', 'ran'])
  })
  it('marks where an attempt ended when its start is not known', () => {
    const attempts = [
      { startedAt: null, endedAt: at(15), failure: {} },
      { startedAt: at(20), endedAt: at(40), failure: null },
    ]
    expect(barsOf(step({}), span, attempts)).toEqual([
      { kind: 'backoff', from: 0.1, to: 0.15 },
      { kind: 'failed', from: 0.15, to: 0.15 },
      { kind: 'backoff', from: 0.15, to: 0.2 },
      { kind: 'ran', from: 0.2, to: 0.4 },
    ])
  })
  it('draws a timer as waiting until the run ends', () => {
    const timer = step({ kind: 'timer', status: 'running', startedAt: null, completedAt: null, waitingMs: null })
    expect(barsOf(timer, span)).toEqual([{ kind: 'waiting', from: 0.1, to: 1 }])
  })
  it('keeps a bar of no length, so that a signal is seen', () => {
    const signal = step({ kind: 'signal', startedAt: at(10), completedAt: at(10), queueMs: null })
    expect(barsOf(signal, span)).toEqual([{ kind: 'ran', from: 0.1, to: 0.1 }])
  })
  it('never leaves the line, even when clocks ran backwards', () => {
    const skewed = barsOf(step({ startedAt: at(5), completedAt: at(300) }), span)
    expect(skewed.every((one) => one.from >= 0 && one.to <= 1 && one.to >= one.from)).toBe(true)
  })
  it('has nothing to draw without a time', () => {
    expect(barsOf(step({ scheduledAt: null }), span)).toEqual([])
  })
})

describe('spanOf', () => {
  it('holds a step that ended after its run', () => {
    expect(spanOf({ startMs: 0, endMs: 1000 }, [step({})])).toEqual({ startMs: 0, endMs: 40_000 })
  })
})

describe('ticksOf', () => {
  it('is round and no more than asked for', () => {
    expect(ticksOf({ startMs: 0, endMs: 81_000 }, 5)).toEqual([0, 20_000, 40_000, 60_000, 80_000])
  })
  it.each([1, 999, 81_000, 9e6, 4e9, 4e11])('gives at most 6 for %d ms', (endMs) => {
    expect(ticksOf({ startMs: 0, endMs }, 5).length).toBeLessThanOrEqual(6)
  })
})

describe('tickLabel', () => {
  it.each([[0, '0 s'], [500, '500 ms'], [20_000, '20 s'], [300_000, '5 m'], [7_200_000, '2 h'], [172_800_000, '2 d']])(
    '%d is %s',
    (ms, text) => {
      expect(tickLabel(ms)).toBe(text)
    },
  )
})
