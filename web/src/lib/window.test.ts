import { describe, expect, it } from 'vitest'
import { readTime } from './window.ts'

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
