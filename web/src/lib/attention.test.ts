import { describe, expect, it } from 'vitest'
import { everyText, PROBLEMS, problemWords, slowestRound } from './attention.ts'

describe('problemWords', () => {
  it.each(PROBLEMS)('names %s and says one thing to do', (problem) => {
    expect(problemWords(problem).title.length).toBeGreaterThan(5)
    expect(problemWords(problem).todo).toMatch(/\.$/)
  })
})

describe('slowestRound', () => {
  it('is unknown before the first round', () => {
    expect(slowestRound([])).toBeNull()
    expect(slowestRound([{ fullRoundSeconds: null }])).toBeNull()
  })
  it('is that of the connection that takes longest', () => {
    expect(slowestRound([{ fullRoundSeconds: 30 }, { fullRoundSeconds: 600 }])).toBe(600)
  })
})

describe('everyText', () => {
  it.each([
    [30, 'every 30 seconds'],
    [89.2, 'every 90 seconds'],
    [91, 'every 2 minutes'],
    [700, 'every 12 minutes'],
  ])('says %d as %s', (seconds, text) => {
    expect(everyText(seconds)).toBe(text)
  })
})
