import { describe, expect, it } from 'vitest'
import { layOut, prettyText, tokenize } from './json-text.ts'

describe('prettyText', () => {
  it('breaks and indents', () => {
    expect(prettyText('{"a":[1,{"b":null}],"c":{}}')).toBe(
      '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "c": {}\n}',
    )
  })
  it.each(['18446744073709551616', '1.10', '-0', '1E400', '"\\u0041"', '"a\\nb"', '{"a":1,"a":2}'])(
    'keeps every character of %s',
    (text) => {
      expect(prettyText(text).replace(/[\s]/g, '')).toBe(text)
    },
  )
  it.each(['NaN', '{"a":}x', '[1,2', '"open', '{]', '', '01'])('leaves %j as it is', (text) => {
    expect(prettyText(text)).toBe(text)
  })
  it('survives 10,000 levels', () => {
    const text = '['.repeat(10_000) + ']'.repeat(10_000)
    expect(prettyText(text).replace(/\s/g, '')).toBe(text)
  })
  it('lays out as much of a cut text as there is', () => {
    expect(prettyText('{"a":[1,"tw', false)).toBe('{\n  "a": [\n    1,\n    "tw')
  })
  it('takes no words for JSON because they were cut', () => {
    expect(prettyText('Dear customer, the', false)).toBe('Dear customer, the')
  })
  it('keeps braces inside strings', () => {
    expect(prettyText('["{,}"]')).toBe('[\n  "{,}"\n]')
  })
})

describe('tokenize', () => {
  it('tells keys from strings', () => {
    expect(tokenize('{"a":"b"}')?.map((token) => token.kind)).toEqual(['mark', 'key', 'mark', 'string', 'mark'])
  })
})

describe('layOut', () => {
  it('gives one line a value', () => {
    expect(layOut(tokenize('[1, 2]') ?? []).map((line) => line.depth)).toEqual([0, 1, 1, 0])
  })
})
