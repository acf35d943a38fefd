import type { Component, ComponentDetails, DetailsPage, Execution, Failure, Project, Workflow } from '../src/api/types.ts'
import { at, createFakeComponent, createFakeDetails, createFakeExecution, createFakePayload, createFakeSummary } from './builders.ts'
import { STATISTICS } from './statistics.ts'

/** Made-up runs, one a state that is hard to meet. */
export class NotFound extends Error {}

const HOSTILE = `<img src=x onerror=alert(1)>\u202egnp.exe\u0000${'x'.repeat(960)}-end`
const running = { status: 'running', closedAt: null, durationMs: null } as const

const timeout: Failure = {
  kind: 'activity', type: 'activity', message: 'activity error', stackTrace: '', nonRetryable: false, encoded: false, decoded: false, details: null, omittedCauses: 0,
  cause: {
    kind: 'application', type: 'GatewayTimeout', message: 'Card network did not answer within 5 s', stackTrace: '  File "payments.py", line 42, in capture\n    raise GatewayTimeout()\n', nonRetryable: false, encoded: false, decoded: false, details: null, omittedCauses: 0,
    cause: { kind: 'application', type: 'ReadTimeout', message: 'POST /v2/capture', stackTrace: 'Traceback: …', nonRetryable: false, encoded: false, decoded: false, details: null, omittedCauses: 0, cause: null },
  },
}

const orderSteps: Component[] = [
  createFakeComponent({ eventId: 5 }),
  createFakeComponent({ eventId: 11, nodeId: 'reserve-stock', displayName: 'Reserve stock', kind: 'child_workflow', componentName: 'ReserveStock', scheduledAt: at(1500), startedAt: at(2000), completedAt: at(8200), durationMs: 6700, queueMs: 500, executionMs: 6200, childExecutionId: 'waiting' }),
  createFakeComponent({ eventId: 17, nodeId: 'authorise', displayName: 'Authorise card', componentName: 'payments.authorise', scheduledAt: at(8200), startedAt: at(16_900), completedAt: at(18_400), durationMs: 10_200, queueMs: null, executionMs: 1500, retryMs: 8700, attempt: 3, retryCount: 2, retryVerdict: 'expected', retryReason: 'within_policy', isExpectedRetry: true, retryExplanation: 'It was tried 3 times and succeeded; its policy allows 5.' }),
  createFakeComponent({ eventId: 23, nodeId: 'picked', displayName: 'Wait for pick confirmation', kind: 'timer', componentName: 'timer', scheduledAt: at(18_400), startedAt: null, completedAt: at(35_400), durationMs: 17_000, queueMs: null, executionMs: null, waitingMs: 17_000, retryPolicy: null, input: null, output: null, worker: null }),
  createFakeComponent({ eventId: 31, nodeId: 'capture', displayName: 'Capture payment', componentName: 'payments.capture', status: 'failed', scheduledAt: at(35_400), startedAt: at(70_800), completedAt: at(75_800), durationMs: 40_400, queueMs: null, executionMs: 5000, retryMs: 35_400, attempt: 5, retryCount: 4, retryVerdict: 'unexpected', retryReason: 'exhausted', isExpectedRetry: false, retryExplanation: 'All 5 attempts were used (the server said: maximum attempts reached).', retryState: 'MAXIMUM_ATTEMPTS_REACHED', errorType: 'GatewayTimeout', errorMessage: 'Card network did not answer within 5 s', output: null, outputBytes: 0 }),
  createFakeComponent({ eventId: 37, nodeId: 'release-stock', displayName: 'Release stock', scheduledAt: at(75_900), startedAt: at(76_100), completedAt: at(77_200), durationMs: 1300 }),
  createFakeComponent({ eventId: 43, nodeId: 'notify', displayName: 'Tell customer', scheduledAt: at(77_300), startedAt: at(79_800), completedAt: at(81_000), durationMs: 3700, queueMs: null, retryMs: 2500, executionMs: 1200, attempt: 2, retryCount: 1, retryVerdict: 'expected', retryReason: 'default_policy', isExpectedRetry: true, retryExplanation: 'Retried under Temporal’s own defaults.' }),
]

const attempts = [0.4, 6.4, 13.4, 22.4, 35.4].map((after, index): ComponentDetails['attempts'][number] => ({
  number: index + 1, startedAt: at(35_400 + after * 1000), endedAt: at(35_400 + after * 1000 + 5000), failure: timeout.cause,
  source: index === 4 ? 'recorded' : 'observed',
}))

function many(count: number): Component[] {
  return Array.from({ length: count }, (_, index) =>
    createFakeComponent({
      eventId: 5 + index * 6, nodeId: 'resize', occurrence: index + 1, displayName: `Resize picture ${index + 1}`, status: index % 97 === 96 ? 'failed' : 'completed',
      scheduledAt: at(index * 40), startedAt: at(index * 40 + 300), completedAt: at(index * 40 + 900), durationMs: 900, queueMs: 300, executionMs: 600,
    }),
  )
}

const bigText = JSON.stringify(Array.from({ length: 60_000 }, (_, index) => ({ sku: `A-${index}`, price: 12.5, left: index, tags: ['a', 'b'] })))
const big = createFakePayload(bigText.slice(0, 2048), { bytes: bigText.length, truncated: true })

type Case = { execution: Execution; steps: Component[]; sync?: Partial<DetailsPage['sync']> }
const chain: Execution['chain'] = [{ relation: 'previous', executionId: 'order', temporalRunId: '11111111-2222-4333-8444-555555555555', status: 'failed', startedAt: at(-9e6) }]
const failed: Partial<Execution> = { status: 'failed', failedComponentCount: 1, componentCount: 7, retryCount: 7, unexpectedRetryCount: 4, errorType: 'GatewayTimeout', errorMessage: 'card network did not answer within 5 s', failedStep: { eventId: 31, nodeId: 'capture', displayName: 'Capture payment' }, currentOrFailedStep: 'Capture payment', failure: timeout, stepStatuses: ['completed', 'completed', 'completed', 'completed', 'failed', 'completed', 'completed'], temporalUrl: 'http://127.0.0.1:8233/' }

const CASES: Record<string, Case> = {
  order: { execution: createFakeExecution(failed), steps: orderSteps },
  gone: { execution: createFakeExecution({ ...failed, chain }), steps: orderSteps, sync: { state: 'gone' } },
  stuck: { execution: createFakeExecution({ ...running, phase: 'stuck', problem: 'workflow_task_failing', problemDetail: 'The workflow’s own code fails again and again: KeyError: \'price\' (17 times). Fix the worker; the run then carries on by itself.', componentCount: 2, lifecycle: Array.from({ length: 17 }, (_, index) => ({ eventId: 20 + index * 3, type: 'workflow_task_failed', at: at(index * 1000), by: '4711@worker', reason: 'KeyError: \'price\'' })) }), steps: orderSteps.slice(0, 2) },
  waiting: { execution: createFakeExecution({ ...running, phase: 'waiting', componentCount: 4, currentStep: { eventId: 23, displayName: 'Wait for pick confirmation', attempt: null, isPaused: false }, parent: { executionId: 'order', temporalWorkflowId: 'order-A-10482', temporalRunId: 'r' } }), steps: [...orderSteps.slice(0, 3), { ...orderSteps[3]!, status: 'running', completedAt: null, durationMs: null }] },
  empty: { execution: createFakeExecution({ componentCount: 0, stepStatuses: [] }), steps: [] },
  stopped: { execution: createFakeExecution({ status: 'terminated', syncStatus: 'set_aside', lifecycle: [{ eventId: 9, type: 'cancel_requested', at: at(5000), by: 'ada@example.org', reason: 'wrong address' }, { eventId: 12, type: 'terminated', at: at(9000), by: 'ada@example.org', reason: 'did not stop' }] }), steps: orderSteps.slice(0, 3), sync: { state: 'failed', error: 'The history holds an event that cannot be read (event 17).' } },
  many: { execution: createFakeExecution({ componentCount: 2000, historyLength: 12_005, temporalWorkflowId: 'pictures-2026-11' }), steps: many(2000) },
  hostile: { execution: createFakeExecution({ ...failed, temporalWorkflowId: HOSTILE, workflowName: HOSTILE, taskQueue: HOSTILE, errorType: HOSTILE, errorMessage: HOSTILE.repeat(5), failedStep: { eventId: 31, nodeId: HOSTILE, displayName: HOSTILE } }), steps: orderSteps.map((step) => ({ ...step, displayName: HOSTILE, nodeId: HOSTILE, componentName: HOSTILE, worker: HOSTILE, input: [createFakePayload(JSON.stringify({ [HOSTILE]: HOSTILE }))] })) },
  big: { execution: createFakeExecution({ componentCount: 1 }), steps: [createFakeComponent({ displayName: 'Load the catalogue', input: [big], inputTruncated: true, inputBytes: big.bytes, output: [createFakePayload('', { text: null, encoding: 'binary/encrypted', bytes: 4711 })], outputBytes: 4711 })] },
}

const project: Project = { id: 'p1', name: 'Checkout', role: 'owner', seesPayloads: true, connection: { id: 'c1', address: '127.0.0.1:7233', namespace: 'default', state: 'connected', error: null, notice: null } }
const workflow: Workflow = { id: 'w1', projectId: 'p1', name: 'OrderFulfilment', kind: 'observed', temporalType: 'OrderFulfilment', lastRunAt: at(0), figures: { totalRuns: 11_382, runningRuns: 12, errorCount: 146, successRate: 0.987, avgDurationMs: 47_000 }, coverage: { detailed: 1204, total: 11_382 }, level: null, inheritedLevel: 'failed' }

function summaries() {
  return Object.entries(CASES).map(([id, { execution }]) => {
    const { id: _, ...rest } = createFakeSummary()
    const summary = Object.fromEntries(Object.keys(rest).map((key) => [key, execution[key as keyof Execution]]))
    return { ...summary, id }
  })
}

function caseOf(id: unknown): Case {
  const found = CASES[String(id)]
  if (!found) throw new NotFound('There is no such execution.')
  return found
}

function details(input: Record<string, unknown>): DetailsPage {
  if (input['executionId'] === 'broken') throw new Error('Internal server error')
  const { execution, steps, sync } = caseOf(input['executionId'])
  const from = Number(input['cursor'] ?? 0)
  const limit = Number(input['limit'] ?? 200)
  const next = from + limit < steps.length ? String(from + limit) : null
  return { execution: { ...execution, id: String(input['executionId']) }, components: steps.slice(from, from + limit), nextCursor: next, sync: { state: 'fresh', syncedAt: new Date().toISOString(), error: null, ...sync } }
}

function component(input: Record<string, unknown>): ComponentDetails {
  const step = caseOf(input['executionId']).steps.find((one) => one.eventId === input['eventId'])
  if (!step) throw new NotFound('There is no such step.')
  const whole = step.inputTruncated ? { input: [createFakePayload(bigText)], inputTruncated: false } : {}
  return createFakeDetails({ ...step, ...whole }, step.status === 'failed' ? { failure: timeout, attempts } : {})
}

const ANSWERS: Record<string, (input: Record<string, unknown>) => unknown> = {
  'session.me': () => ({ id: 'u1', name: 'Ada', method: 'session' }),
  'project.list': () => ({ items: [project, { ...project, id: 'p2', name: 'Warehouse', role: 'viewer', connection: { ...project.connection, state: 'unreachable', error: 'Nobody answers at temporal.example.org:7233.' } }] }),
  'project.get': () => project,
  'workflow.list': () => ({ items: [workflow, { ...workflow, id: 'w2', name: 'NightlyReport', figures: { totalRuns: 0, runningRuns: 0, errorCount: 0, successRate: null, avgDurationMs: null }, lastRunAt: null }], nextCursor: null }),
  'workflow.get': ({ workflowId }) => ({ ...workflow, id: String(workflowId) }),
  'attention.get': () => ({
    total: 3,
    problems: [{ problem: 'no_worker', count: 1, since: at(0) }, { problem: 'activity_stuck', count: 1, since: at(0) }],
    connections: [{ id: 'c1', projectId: 'p1', projectName: 'Shop', address: '127.0.0.1:7233', namespace: 'default', state: 'connected', error: null, checkedAt: at(0), openRuns: 12, fullRoundSeconds: 30, patrolledAt: at(0), setAside: 1 }],
  }),
  'attention.list': ({ problem }: { problem?: string }) => ({
    items: [{ ...createFakeSummary({ status: 'running', phase: 'stuck', problem: (problem ?? 'no_worker') as 'no_worker', problemDetail: 'No worker takes work from the task queue orders, so nothing happens until one does.', problemSince: at(0) }), projectId: 'p1', projectName: 'Shop' }],
    nextCursor: null,
  }),
  'attention.badEnds': () => ({ items: [] }),
  'backfill.list': () => ({ items: [], unanswered: [], role: 'owner' }),
  'sync.setAside': () => ({ items: [{ executionId: 'stopped', workflowId: 'w1', workflowName: 'OrderFulfilment', temporalWorkflowId: 'order-A-10400', temporalRunId: 'r', error: 'The history holds an event that cannot be read (event 17).', nextSyncAt: null }], total: 1 }),
  'execution.getExecutionHistory': ({ workflowId }) => {
    const items = workflowId === 'w2' ? [] : summaries()
    return { items, nextCursor: items.length > 0 ? 'next' : null, prevCursor: null, position: items.length > 0 ? 1 : 0, total: items.length > 0 ? 11_382 : 0, totalIsExact: true, asOf: new Date().toISOString() }
  },
  'execution.getExecutionDetails': details,
  'execution.getComponentExecution': component,
  'execution.getHistoryEvents': () => ({ events: [{ eventId: '1', eventTime: at(0), eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED', workflowExecutionStartedEventAttributes: { workflowType: { name: 'OrderFulfilment' } } }, { eventId: '5', eventTime: at(100), eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED' }], nextCursor: null, total: 2 }),
  ...STATISTICS,
  'execution.getWorkflowStatistics': ({ workflowId }) => statistics(workflowId === 'w2' ? 0 : 11_382),
  'execution.getProjectStatistics': () => ({ totalWorkflows: 2, activeWorkflows: 1, totalExecutions: 11_382, runningExecutions: 12, successRate: 0.987, successRateInterval: { low: 0.985, high: 0.989 }, durationCount: 11_350, percentileError: 0.02, avgDurationMs: 47_000, totalErrors: 146, mostUsedTaskQueue: { name: 'orders', count: 11_382 }, mostUsedWorkflow: { id: 'w1', name: 'OrderFulfilment', count: 11_382 }, mostUsedComponent: { name: 'payments.capture', count: 11_701 }, longestRun: { executionId: 'order', workflowId: 'w1', workflowName: 'OrderFulfilment', durationMs: 9e6 }, longestRunning: { executionId: 'waiting', workflowId: 'w1', workflowName: 'OrderFulfilment', durationMs: 4e8 }, componentCoverage: { detailed: 1204, total: 11_382 }, lastExecutionAt: at(0), asOf: new Date().toISOString() }),
  'execution.syncExecutionFromTemporal': () => ({ synced: true, changed: false, componentCount: 7, syncedAt: new Date().toISOString(), tookMs: 41 }),
  'execution.tryAgain': () => ({ synced: true, changed: false, componentCount: 7, syncedAt: new Date().toISOString(), tookMs: 41 }),
  'execution.resolve': () => ({ executionId: 'order' }),
}

function statistics(totalRuns: number) {
  return {
    totalRuns, runningRuns: 12, completedRuns: 11_204, failedRuns: 143, cancelledRuns: 20, terminatedRuns: 1, timedOutRuns: 2, continuedAsNewRuns: 0, unknownRuns: 0, retriedRuns: 0,
    successRate: 0.987, successRateInterval: { low: 0.985, high: 0.989 }, percentileError: 0.02, errorCount: 146, avgDurationMs: 47_000, minDurationMs: 900, maxDurationMs: 86_400_000, p50DurationMs: 41_000, p95DurationMs: 112_000, p99DurationMs: 310_000, durationCount: 11_350,
    mostUsedComponent: { name: 'payments.capture', count: 11_701 },
    components: [
      { kind: 'activity', name: 'payments.capture', count: 11_701, failedCount: 140, avgDurationMs: 1100 },
      { kind: 'child_workflow', name: 'ReserveStock', count: 11_382, failedCount: 11, avgDurationMs: 5900 },
      { kind: 'timer', name: 'timer', count: 4200, failedCount: 0, avgDurationMs: 17_000 },
    ],
    byBuild: [], recentExecutions: summaries().slice(0, 10), componentCoverage: { detailed: 11_200, total: 11_382 }, lastRunAt: at(0), lastErrorAt: at(0), asOf: new Date().toISOString(),
  }
}

export function answer(name: string, input: Record<string, unknown>): unknown {
  const known = ANSWERS[name]
  if (!known) throw new NotFound(`There is no procedure ${name}.`)
  return known(input)
}
