import { expect, test } from 'vitest'
import { goneSoFar, keptFor, readDays, whatGoes, whenNext } from './retention.ts'

const removal = { runs: 1204, runsAreExact: true, rowsFrom: '2026-08-01T00:00:00Z', closedBefore: '2026-08-25T13:00:00Z', nextAt: '2026-11-30T00:00:00Z' }

test('days are whole numbers that runs can be kept for', () => {
  expect(['90', ' 1 ', '36500', '0', '36501', '1.5', '-3', '', 'ten', '1e3'].map(readDays)).toEqual([90, 1, 36_500, null, null, null, null, null, null, null])
})

test('what goes is told with its number and its dates in UTC', () => {
  expect(whatGoes(removal)).toBe('1,204 runs that started before 1 August 2026 and ended before 25 August 2026 (UTC) will be removed for good.')
  expect(whatGoes({ ...removal, runs: 1 })).toMatch(/^1 run that started/)
  expect(whatGoes({ ...removal, runs: 1_000_000, runsAreExact: false })).toMatch(/^More than 1,000,000 runs that/)
  expect(whatGoes({ ...removal, runs: 0 })).toBe('No run has to be removed now.')
  expect(whenNext(removal)).toContain('on 30 November 2026')
})

test('how long runs are kept, and what has gone', () => {
  expect([null, 1, 90].map(keptFor)).toEqual(['Runs are kept for ever.', 'Runs are kept for 1 day after they ended.', 'Runs are kept for 90 days after they ended.'])
  expect(goneSoFar({ keepDays: 90, rowsFrom: null, removedRuns: 0, mayChange: true })).toBeNull()
  expect(goneSoFar({ keepDays: 90, rowsFrom: removal.rowsFrom, removedRuns: 0, mayChange: true })).toBeNull()
  expect(goneSoFar({ keepDays: null, rowsFrom: removal.rowsFrom, removedRuns: 7, mayChange: true })).toMatch(/^Removed so far: 7 runs that started before 1 August 2026\./)
})
