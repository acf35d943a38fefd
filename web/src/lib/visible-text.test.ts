import { describe, expect, it } from 'vitest'
import { shorten, visiblePieces } from './visible-text.ts'

describe('visiblePieces', () => {
  it('leaves ordinary text, emoji and Arabic in one piece', () => {
    const text = 'Auftrag 👩‍🚀'.replace('\u200d', '') + ' طلب'
    expect(visiblePieces(text)).toEqual([{ text, hidden: false }])
  })
  it('names a character that turns text around', () => {
    expect(visiblePieces('a\u202eb')).toEqual([
      { text: 'a', hidden: false },
      { text: 'U+202E', hidden: true },
      { text: 'b', hidden: false },
    ])
  })
  it('draws NUL', () => {
    expect(visiblePieces('\u0000')).toEqual([{ text: 'U+0000', hidden: true }])
  })
  it('keeps tabs and line breaks', () => {
    expect(visiblePieces('a\tb\nc')).toHaveLength(1)
  })
  it('has nothing to say about an empty text', () => {
    expect(visiblePieces('')).toEqual([])
  })
})

describe('shorten', () => {
  it('keeps what fits', () => {
    expect(shorten('order-1', 10)).toBe('order-1')
  })
  it('keeps both ends and the length asked for', () => {
    const short = shorten(`order-${'x'.repeat(1000)}-10482`, 20)
    expect(short).toHaveLength(20)
    expect(short.startsWith('order-')).toBe(true)
    expect(short.endsWith('-10482')).toBe(true)
  })
})
