import { expect, test } from 'vitest'
import type { Backfill, BackfillEstimate } from '../api/types.ts'
import { costOf, coverageOf, remainingOf, stageOf } from './backfill.ts'

const job: Backfill = {
  id: 'j', projectId: 'p', connectionId: 'c', namespace: 'orders', kind: 'history', workflowId: null, workflowName: null, since: null, query: '', state: 'running', isListing: true,
  expectedRuns: 18330, listedRuns: 12000, toCopyRuns: 12000, copiedRuns: 4000, missedRuns: 0, setAsideRuns: 0, share: 0.3, runsPerSecond: 48.2, secondsLeft: 180, error: null,
  createdAt: '', startedAt: null, finishedAt: null,
}

test('a job says what it has found and copied', () => {
  expect(stageOf(job)).toBe('12,000 of 18,330 runs found · 4,000 of 12,000 copied')
  expect(stageOf({ ...job, isListing: false, missedRuns: 3, setAsideRuns: 1 })).toBe('12,000 runs found · 4,000 of 12,000 copied · 3 deleted by Temporal before · 1 set aside')
  expect(stageOf({ ...job, isListing: false, toCopyRuns: 17, copiedRuns: 0 })).toBe('12,000 runs found, 11,983 of them known already or not to be copied · 0 of 17 copied')
  expect(stageOf({ ...job, state: 'waiting' })).toBe('waiting for a worker')
})

test('what is left is told once there is a rate', () => {
  expect(remainingOf(job)).toBe('48 a second · about 3 min left')
  expect(remainingOf({ ...job, secondsLeft: 12 })).toBe('48 a second · less than a minute left')
  expect(remainingOf({ ...job, secondsLeft: 7500 })).toBe('48 a second · about 2 h 5 min left')
  expect(remainingOf({ ...job, runsPerSecond: null })).toBe('')
})

test('an estimate says what a level costs, and when it is a guess', () => {
  const estimate: BackfillEstimate = {
    runs: 40000, openRuns: 5, failedRuns: 100, sampledRuns: 500, isExact: false, proposedLevel: 'failed',
    levels: [
      { level: 'list', copiedRuns: 0, events: 0, bytes: 0, calls: 40, minutes: 0.1 },
      { level: 'all', copiedRuns: 40000, events: 400000, bytes: 4 * 1024 * 1024, calls: 40145, minutes: 13.4 },
    ],
  }
  expect(costOf(estimate, 'list')).toBe('40,000 lines in 40 calls; histories only when somebody looks')
  expect(costOf(estimate, 'all')).toBe('40,000 runs, about 400,000 events, about 4.0 MiB, 40,145 calls, about 13 min')
})

test('coverage is a sentence', () => {
  expect(coverageOf({ detailed: 1204, total: 18330 })).toBe('Steps of 1,204 of 18,330 runs were copied.')
  expect(coverageOf({ detailed: 3, total: 3 })).toBe('Covers all 3 runs.')
})
