import { expect, it } from 'vitest'
import { erasedSentence } from './erased.ts'

it('says what was erased and what still names it', () => {
  expect(erasedSentence({ runs: 1, mentions: 0 })).toBe('1 run was erased for good. It is not copied again, and figures no longer count it.')
  expect(erasedSentence({ runs: 3, mentions: 1 })).toBe('3 runs were erased for good. They are not copied again, and figures no longer count them. 1 run of other workflow ids names what was erased and is still here.')
  expect(erasedSentence({ runs: 1, mentions: 2 })).toMatch(/2 runs of other workflow ids name what was erased and are still here\.$/)
})
