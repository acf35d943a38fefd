import type { ComponentLine, ComponentLines, Distribution, ErrorGroups, TaskQueueLine, Timeline, TimelineBucket, VersionLine, WorkflowLine } from '../src/api/types.ts'
import { at } from './builders.ts'

/** Made-up figures: a week in parts of three hours, slower and worse since a new version. */

const PARTS = 56
const PART_MS = 3 * 3_600_000
const first = Math.floor(Date.now() / PART_MS) * PART_MS - (PARTS - 1) * PART_MS

function bucket(number: number): TimelineBucket {
  const isLate = number > 36
  const total = number === 20 ? 0 : Math.round(180 + 90 * Math.sin(number / 1.3))
  const failed = total === 0 ? 0 : isLate ? 9 : 2
  const p50 = total === 0 ? null : 40_000 + 4000 * Math.sin(number)
  return {
    start: new Date(first + number * PART_MS).toISOString(), end: new Date(first + (number + 1) * PART_MS).toISOString(),
    totalRuns: total, runningRuns: number === PARTS - 1 ? 12 : 0, completedRuns: Math.max(total - failed - (number === PARTS - 1 ? 12 : 0), 0), failedRuns: failed, timedOutRuns: 0, terminatedRuns: 0,
    cancelledRuns: 0, continuedAsNewRuns: 0, unknownRuns: 0, errorCount: failed, successRate: total === 0 ? null : 1 - failed / total,
    avgDurationMs: p50 === null ? null : p50 * 1.1, p50DurationMs: p50, p95DurationMs: p50 === null ? null : p50 * (isLate ? 2.6 : 1.8), p99DurationMs: p50 === null ? null : p50 * 3.1, durationCount: total,
  }
}

const timeline: Timeline = {
  step: 'hour', every: 3, timeZone: 'UTC', kept: null, percentileError: 0.02, buckets: Array.from({ length: PARTS }, (_, number) => bucket(number)),
  marks: [{ at: new Date(first + 37 * PART_MS).toISOString(), label: 'v12' }],
}

function line(name: string, kind: ComponentLine['kind'], count: number, failed: number, p50: number | null, share: number): ComponentLine {
  const clock = (scale: number) => (p50 === null ? { count: 0, avgMs: null, minMs: null, maxMs: null, p50Ms: null, p95Ms: null } : { count, avgMs: p50 * scale * 1.2, minMs: 1, maxMs: p50 * scale * 9, p50Ms: p50 * scale, p95Ms: p50 * scale * 4 })
  return {
    kind, name, displayName: name, nodeId: null, count, completedCount: count - failed, failedCount: failed, failureRate: failed / count, retriesExpected: failed * 2, retriesUnexpected: failed, retriesUnknown: 0,
    unexpectedFailures: failed, clocks: { queue: clock(0.1), execution: clock(1), retry: clock(0.5), waiting: clock(0), duration: clock(1.6) }, shareOfTime: share,
  }
}

const components: ComponentLines = {
  items: [line('payments.capture', 'activity', 11_701, 140, 1100, 0.5), line('ReserveStock', 'child_workflow', 11_382, 11, 5900, 0.3), line('timer', 'timer', 4200, 0, null, 0.2)],
  other: null, coverage: { detailed: 11_200, total: 11_382 }, percentileError: 0.02,
}
const distribution: Distribution = { bins: Array.from({ length: 12 }, (_, number) => ({ fromMs: 1000 * 1.6 ** number, toMs: 1000 * 1.6 ** (number + 1), count: Math.round(3000 * Math.exp(-((number - 7) ** 2) / 4)) })), count: 11_350, percentileError: 0.02 }
const errors: ErrorGroups = {
  groups: [{ errorGroup: 'a', errorType: 'GatewayTimeout', message: 'Card network did not answer within <number> s', step: 'Capture payment', count: 92, firstSeenAt: at(0), lastSeenAt: at(0), sampleExecutionId: 'order' }],
  other: { count: 54, groups: 7 },
}
const version = (number: number): VersionLine => ({ version: number, deployment: null, buildId: null, label: `v${number}`, totalRuns: 5000, errorCount: 70, successRate: 0.986, durationCount: 4990, avgDurationMs: 47_000, p50DurationMs: 41_000, p95DurationMs: 112_000, firstRunAt: at(0), lastRunAt: at(0) })
const workflow: WorkflowLine = { workflowId: 'w1', name: 'OrderFulfilment', kind: 'observed', totalRuns: 11_382, errorCount: 146, successRate: 0.987, avgDurationMs: 47_000, p95DurationMs: 112_000, durationCount: 11_350, lastRunAt: at(0), spark: Array.from({ length: 24 }, (_, number) => 400 + 90 * (number % 5)), sparkErrors: Array.from({ length: 24 }, (_, number) => (number > 16 ? 9 : 2)) }
const queue: TaskQueueLine = { taskQueue: 'orders', runs: 11_382, steps: 27_283, queue: { count: 27_000, avgMs: 80, p50Ms: 40, p95Ms: 310, maxMs: 9200 } }

export const STATISTICS = {
  'statistics.timeline': () => timeline,
  'statistics.components': () => components,
  'statistics.distribution': () => distribution,
  'statistics.errors': () => errors,
  'statistics.versions': () => ({ items: [version(12), version(11)], other: 0, percentileError: 0.02 }),
  'statistics.workflows': () => ({ items: [workflow], other: 0, start: timeline.buckets[0]?.start ?? null, end: new Date().toISOString(), percentileError: 0.02 }),
  'statistics.taskQueues': () => ({ items: [queue], percentileError: 0.02 }),
  'statistics.definitions': () => ({ items: [{ name: 'totalRuns', of: 'runs', label: 'Runs', unit: 'runs', formula: 'Runs that started in the window.', excludes: '', sql: 'count(*)' }] }),
}
