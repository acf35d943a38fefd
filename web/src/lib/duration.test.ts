import { describe, expect, it } from 'vitest'
import { formatAxisDuration, formatDuration, formatEdge, formatRunningDuration } from './duration.ts'

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
    [364 * 86_400_000, '364 d 0 h'],
    [900 * 86_400_000, '2 y 170 d'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})

describe('formatAxisDuration', () => {
  it('has no part where there is none', () => {
    expect([100, 158, 1584, 15_800].map(formatAxisDuration)).toEqual(['100 ms', '158 ms', '1.6 s', '15.8 s'])
    expect([0, 12, 10_000, 2500, 60_000, 1_000_000, 7_200_000, 900 * 86_400_000].map(formatAxisDuration)).toEqual(['0 s', '12 ms', '10 s', '2.5 s', '1 m', '16.7 m', '2 h', '2.5 y'])
  })
})

describe('formatEdge', () => {
  it('tells neighbours apart', () => {
    expect([0, 1, 15.8, 100, 158, 1580, 10_000, 81_000].map(formatEdge)).toEqual(['0 s', '1 ms', '15.8 ms', '100 ms', '158 ms', '1.58 s', '10 s', '1 m 21 s'])
  })
})

describe('formatRunningDuration', () => {
  it('says that it is still growing', () => {
    expect(formatRunningDuration(11_520_000)).toBe('3 h 12 m …')
  })
})
