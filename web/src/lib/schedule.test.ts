import { describe, expect, it } from 'vitest'
import { overlapText, scheduleLook, sourceTexts } from './schedule.ts'
import { formatUntil } from './moment.ts'

const well = { goneAt: null, paused: false, late: false, nextRunAt: '2026-11-23T02:00:00Z' }

describe('scheduleLook', () => {
  it('says nothing of one that goes on as it should', () => expect(scheduleLook(well)).toBeNull())
  it('says what counts most', () => {
    expect(scheduleLook({ ...well, paused: true, nextRunAt: null })?.label).toBe('paused')
    expect(scheduleLook({ ...well, late: true })?.label).toBe('late')
    expect(scheduleLook({ ...well, nextRunAt: null })?.label).toBe('no more runs')
    expect(scheduleLook({ ...well, paused: true, goneAt: '2026-11-23T02:00:00Z' })?.label).toBe('deleted')
  })
})

describe('overlapText', () => {
  it('counts what was left out', () =>
    expect(overlapText({ overlap: 'skip', overlapSkippedCount: 2 })).toBe(
      'A run is left out while the one before still runs. So far: 2 runs.',
    ))
  it('names a rule of a later server', () =>
    expect(overlapText({ overlap: '9', overlapSkippedCount: 0 })).toBe('Overlapping runs: 9.'))
  it('is silent before the schedule was described', () =>
    expect(overlapText({ overlap: null, overlapSkippedCount: null })).toBeNull())
})

describe('sourceTexts', () => {
  const source = { connectionId: 'c', namespace: 'orders', scope: '', listedAt: null, refusal: null }
  it('is silent about a whole namespace', () => expect(sourceTexts([source])).toEqual([]))
  it('says what is left out, and why there is nothing', () => {
    expect(sourceTexts([{ ...source, scope: 'x = 1' }])[0]).toContain('namespace orders looks at a part of its runs')
    expect(sourceTexts([{ ...source, scope: 'x = 1', refusal: 'It is too old.' }])).toEqual([
      'It is too old. It is asked again every ten minutes.',
    ])
  })
})

describe('formatUntil', () => {
  const now = Date.parse('2026-11-23T00:00:00Z')
  it.each([
    ['2026-11-22T23:59:00Z', 'now'],
    ['2026-11-23T00:00:59Z', 'in 59 s'],
    ['2026-11-23T02:00:00Z', 'in 2 h'],
    ['2026-11-25T12:00:00Z', 'in 2 d'],
  ])('%s is %s', (iso, text) => expect(formatUntil(iso, now)).toBe(text))
})
