import { expect, test } from 'vitest'
import type { Chain } from '../api/types.ts'
import { chainGaps, chainWords, originWords } from './chain.ts'

const figures: Chain['figures'] = {
  totalRuns: 9, openRuns: 1, failedRuns: 1, carriedOnRuns: 6, retriedRuns: 1, cronRuns: 0, resetRuns: 1, totalComponents: 20,
  totalDurationMs: 1000, firstStartedAt: '2026-05-03T10:00:00Z', lastClosedAt: null, uncopiedRuns: 0, goneRuns: 0, missingPlaces: 0, hasFirst: true,
}

test('a chain is told in one sentence', () => {
  expect(chainWords(figures)).toBe('6 carried on where the one before ended, 1 tried again after an error and 1 was a reset')
  expect(chainWords({ ...figures, retriedRuns: 0, resetRuns: 0 })).toBe('6 carried on where the one before ended')
  expect(chainWords({ ...figures, carriedOnRuns: 0, retriedRuns: 0, resetRuns: 0 })).toBeNull()
})

test('a run says where it comes from', () => {
  expect(originWords({ origin: 'carried_on' }, 40)).toBe('carries on from run 40')
  expect(originWords({ origin: 'retried' }, null)).toBe('tries again after the run before')
  expect(originWords({ origin: 'first' }, null)).toBe('the beginning')
})

test('what is missing is said, and the missing beginning only once', () => {
  expect(chainGaps(figures)).toEqual([])
  expect(chainGaps({ ...figures, hasFirst: false, missingPlaces: 1 })).toHaveLength(1)
  expect(chainGaps({ ...figures, hasFirst: false, missingPlaces: 3 })[1]).toBe('Runs are missing at 2 places in between; the list says where.')
  expect(chainGaps({ ...figures, goneRuns: 1 })[0]).toContain('1 run by now')
})
