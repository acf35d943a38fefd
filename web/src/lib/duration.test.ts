import { describe, expect, it } from 'vitest'
import { formatDuration, formatRunningDuration } from './duration.ts'

describe('formatDuration', () => {
  it.each([
    [0, '0 s'],
    [-5, '0 s'],
    [0.4, '< 1 ms'],
    [12.9, '12 ms'],
    [400, '0.4 s'],
    [1100, '1.1 s'],
    [59_999, '59.9 s'],
    [60_000, '1 m 00 s'],
    [81_000, '1 m 21 s'],
    [123_000, '2 m 03 s'],
    [3_599_999, '59 m 59 s'],
    [3 * 3_600_000 + 12 * 60_000, '3 h 12 m'],
    [86_400_000, '1 d 0 h'],
    [99 * 3_600_000, '4 d 3 h'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})

describe('formatRunningDuration', () => {
  it('says that it is still growing', () => {
    expect(formatRunningDuration(11_520_000)).toBe('3 h 12 m …')
  })
})
