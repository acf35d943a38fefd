import { describe, expect, it } from 'vitest'
import { rangeOf } from './range.ts'

const NOW = Date.parse('2026-11-22T14:02:31Z')

describe('rangeOf', () => {
  it('shows the last seven days where nobody chose', () => {
    const range = rangeOf({}, NOW)
    expect(range.window).toEqual({ from: '2026-11-15T14:02:00.000Z' })
    expect(range.before).toEqual({ from: '2026-11-08T14:02:00.000Z', to: '2026-11-15T14:02:00.000Z' })
    expect(range.label).toBe('Last 7 days')
  })
  it('has nothing before all time', () => {
    expect(rangeOf({ last: 'all' }, NOW)).toMatchObject({ window: {}, before: null, fault: null })
  })
  it('compares a range of its own with as much before it', () => {
    const range = rangeOf({ from: '2026-11-01T00:00:00.000Z', to: '2026-11-03T00:00:00.000Z' }, NOW)
    expect(range.before).toEqual({ from: '2026-10-30T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' })
  })
  it('an own range counts more than a moving one', () => {
    expect(rangeOf({ last: '1h', to: '2026-11-03T00:00:00.000Z' }, NOW).window).toEqual({ to: '2026-11-03T00:00:00.000Z' })
  })
  it.each([
    ['upside down', '2026-11-03T00:00:00.000Z', '2026-11-01T00:00:00.000Z', 'This range ends before it begins.'],
    ['before there was time', '0001-01-01T00:00:00.000Z', undefined, 'A chart over time lies between the years 1970 and 3000.'],
    ['beyond all time', undefined, '9999-01-01T00:00:00.000Z', 'A chart over time lies between the years 1970 and 3000.'],
    ['twenty years', '2006-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', null],
  ])('%s', (_, from, to, fault) => {
    expect(rangeOf({ ...(from && { from }), ...(to && { to }) }, NOW).fault).toBe(fault)
  })
  it('says the year of both ends where they differ', () => {
    expect(rangeOf({ from: '2006-06-01T12:00:00.000Z', to: '2026-06-01T12:00:00.000Z' }, NOW).label).toMatch(/^1 Jun 2006, .* to 1 Jun 2026, /)
    const nextYear = new Date().getFullYear() + 1
    expect(rangeOf({ from: '2006-06-01T12:00:00.000Z', to: `${nextYear}-06-01T12:00:00.000Z` }, NOW).label).toContain(` to 1 Jun ${nextYear}, `)
    expect(rangeOf({ from: `${nextYear - 1}-06-01T12:00:00.000Z`, to: `${nextYear - 1}-06-02T12:00:00.000Z` }, NOW).label).not.toContain('20')
  })
  it('has nothing before a range in the future without an end, nor before 1970', () => {
    expect(rangeOf({ from: '2400-01-01T00:00:00.000Z' }, NOW).before).toBeNull()
    expect(rangeOf({ from: '1971-01-01T00:00:00.000Z', to: '2026-01-01T00:00:00.000Z' }, NOW).before).toBeNull()
  })
})
