import { describe, expect, it } from 'vitest'
import { only, parseSearch, stringifySearch } from './search-text.ts'

describe('an address', () => {
  it.each(['1e130000', '1e5', '-0', '1.0', '9007199254740993', '12345678901234567890', '"', '{', 'Infinity', 'NaN', 'null', 'a b', '=1+1'])(
    'says %s again after it has been read', (text) => {
      const address = `?find=${encodeURIComponent(text)}`
      const read = parseSearch(address)
      expect(parseSearch(stringifySearch(read))).toEqual(read)
      expect(parseSearch(stringifySearch({ find: text }))).toEqual({ find: text })
    },
  )
  it('has numbers, flags and objects', () => {
    const search = { step: 7, minMs: 0.5, topLevel: true, items: { charge: 3 }, status: ['failed', 'running'] }
    expect(parseSearch(stringifySearch(search))).toEqual(search)
  })
})

describe('a page', () => {
  it('gets nothing of its address that it does not take', () => {
    const read = only(({ find }) => (typeof find === 'string' ? { find } : {}))
    expect({ ...{ find: true, kind: 7 }, ...read({ find: true, kind: 7 }) }).toEqual({ find: undefined, kind: undefined })
    expect(read({ find: 'pay', kind: 7 })).toEqual({ find: 'pay', kind: undefined })
  })
})
