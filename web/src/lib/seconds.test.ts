import { describe, expect, it } from 'vitest'
import { secondsText } from '../canvas/flow.ts'
import { readSeconds } from './seconds.ts'

describe('a length of time', () => {
  it.each([['5', 5], ['5 s', 5], ['1 m 30 s', 90], ['1m30s', 90], ['1.5 h', 5400], ['250 ms', 0.25], ['2 d', 172_800], ['10 min', 600]])('%s is %s seconds', (text, seconds) => {
    expect(readSeconds(text)).toBe(seconds)
  })

  it.each(['', 'soon', '0', '-5 s', '5 x', '5 5 s', '4000 d', '1 m and'])('“%s” is none', (text) => {
    expect(readSeconds(text)).toBeNull()
  })

  it('is read back as it was written', () => {
    for (const seconds of [0.5, 1, 59, 60, 90, 3600, 5400, 86_400]) expect(readSeconds(secondsText(seconds))).toBe(seconds)
  })
})
