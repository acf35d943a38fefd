import { describe, expect, it } from 'vitest'
import { formatAge, formatExactMoment, formatMoment } from './moment.ts'

describe('formatMoment', () => {
  it('leaves this year out', () => {
    expect(formatMoment('2026-11-22T14:02:11Z', new Date('2026-12-01'), 'UTC')).toBe('22 Nov, 14:02:11')
  })
  it('names another year', () => {
    expect(formatMoment('2025-11-22T14:02:11Z', new Date('2026-12-01'), 'UTC')).toBe('22 Nov 2025, 14:02:11')
  })
})

describe('formatExactMoment', () => {
  it('keeps every digit', () => {
    expect(formatExactMoment('2026-11-22T14:02:11.123456Z')).toBe('2026-11-22 14:02:11.123456 UTC')
  })
})

describe('formatAge', () => {
  const now = Date.parse('2026-11-22T14:00:00Z')
  it.each([
    ['2026-11-22T13:59:59.500Z', 'just now'],
    ['2026-11-22T14:00:09Z', 'just now'], // the server's clock may be ahead of the browser's
    ['2026-11-22T13:59:57Z', '3 s ago'],
    ['2026-11-22T13:58:00Z', '2 m ago'],
    ['2026-11-22T09:00:00Z', '5 h ago'],
    ['2026-11-19T14:00:00Z', '3 d ago'],
  ])('%s is %s', (iso, text) => {
    expect(formatAge(iso, now)).toBe(text)
  })
})
