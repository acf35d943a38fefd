import { describe, expect, it } from 'vitest'
import { errorWords, isFiltered, startedWords, tookWords } from './history-filter.ts'

describe('isFiltered', () => {
  it('is by what runs are shown, not by their order', () => {
    expect(isFiltered({ sort: 'durationMs', order: 'asc' })).toBe(false)
    expect(isFiltered({ errorGroup: '' })).toBe(true)
    expect(isFiltered({ minDurationMs: 0 })).toBe(true)
  })
})

describe('startedWords', () => {
  it('names the ends that there are', () => {
    expect(startedWords({})).toBeUndefined()
    expect(startedWords({ from: '2026-11-22T14:00:00Z' })).toMatch(/^started since /)
    expect(startedWords({ to: '2026-11-22T14:00:00Z' })).toMatch(/^started before /)
    expect(startedWords({ from: '2026-11-22T14:00:00Z', to: '2026-11-23T14:00:00Z' })).toMatch(/^started .+ to .+/)
  })
})

describe('tookWords', () => {
  it.each([
    [{}, undefined],
    [{ minDurationMs: 0 }, 'took 0 s or more'],
    [{ maxDurationMs: 1500 }, 'took less than 1.5 s'],
    [{ minDurationMs: 1500, maxDurationMs: 90_000 }, 'took 1.5 s to 1 m 30 s'],
  ])('%j', (search, words) => {
    expect(tookWords(search)).toBe(words)
  })
})

describe('errorWords', () => {
  it('tells the error by one of its runs', () => {
    expect(errorWords('g1', { errorType: 'GatewayTimeout', errorMessage: 'No answer' })).toBe('error like GatewayTimeout: No answer')
    expect(errorWords('g1', { errorType: null, errorMessage: 'No answer' })).toBe('error like No answer')
  })
  it('has words where no run tells it', () => {
    expect(errorWords('g1', undefined)).toBe('one error')
    expect(errorWords('', { errorType: null, errorMessage: null })).toBe('error not known')
  })
})
