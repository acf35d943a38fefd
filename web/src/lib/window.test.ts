import { describe, expect, it } from 'vitest'
import { readTime, windowSince } from './window.ts'

describe('windowSince', () => {
  it('starts on a whole minute', () => {
    const now = Date.parse('2026-11-22T14:02:31Z')
    expect(windowSince(3_600_000, now)).toEqual({ from: '2026-11-22T13:02:00.000Z' })
  })
})

describe('readTime', () => {
  it.each([
    ['2026-11-22T13:02:00Z', '2026-11-22T13:02:00.000Z'],
    ['yesterday', undefined],
    [17, undefined],
    [undefined, undefined],
  ])('%s becomes %s', (value, time) => {
    expect(readTime(value)).toBe(time)
  })
})
