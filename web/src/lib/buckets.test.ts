import { describe, expect, it } from 'vitest'
import { bucketLength, bucketName, bucketTicks } from './buckets.ts'

const BERLIN = 'Europe/Berlin'

describe('bucketName', () => {
  it.each([
    ['minute', '2026-11-15T11:00:00Z', '2026-11-15T11:30:00Z', '15 Nov 2026, 12:00–12:30'],
    ['day', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 'Sun, 25 Oct 2026'],
    ['week', '2026-11-15T23:00:00Z', '2026-11-22T23:00:00Z', '16 Nov–22 Nov 2026'],
    ['month', '2026-10-31T23:00:00Z', '2026-11-30T23:00:00Z', 'Nov 2026'],
    ['month', '2025-12-31T23:00:00Z', '2026-03-31T22:00:00Z', 'Jan 2026–Mar 2026'],
    ['hour', '2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z', '25 Oct 2026, 02:00–02:00 (GMT+2)'],
    ['hour', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00Z', '25 Oct 2026, 02:00–03:00 (GMT+1)'],
  ] as const)('of one %s from %s', (step, start, end, name) => {
    expect(bucketName({ start, end }, step, BERLIN)).toBe(name)
  })
})

describe('bucketTicks', () => {
  const hours = (start: string, count: number, every: number) => Array.from({ length: count }, (_, at) => {
    const from = Date.parse(start) + at * every * 3_600_000
    return { start: new Date(from).toISOString(), end: new Date(from + every * 3_600_000).toISOString() }
  })
  it('of hours says the hour, and the day where it changes', () => {
    expect(bucketTicks(hours('2026-11-14T21:00:00Z', 4, 1), 'hour', BERLIN)).toEqual(['22:00', '23:00', '15 Nov', '01:00'])
  })
  it('over several days says each day once', () => {
    expect(bucketTicks(hours('2026-11-14T11:00:00Z', 6, 12), 'hour', BERLIN)).toEqual(['', '15 Nov', '', '16 Nov', '', '17 Nov'])
  })
  it.each([
    ['day', '2026-11-14T23:00:00Z', '15 Nov'],
    ['month', '2026-10-31T23:00:00Z', 'Nov 2026'],
  ] as const)('of one %s from %s', (step, start, tick) => {
    expect(bucketTicks([{ start, end: start }], step, BERLIN)).toEqual([tick])
  })
})

describe('bucketLength', () => {
  it('says one or several', () => {
    expect([bucketLength({ step: 'day', every: 1 }), bucketLength({ step: 'hour', every: 3 })]).toEqual(['one day each', '3 hours each'])
  })
})
