import type { Component, ComponentDetails, Execution, ExecutionSummary, NodeState, Payload } from '../src/api/types.ts'

/** Values in the shape of our own API's answers, for tests and for looking at rare states. Never part of the build. */
const STARTED = Date.parse('2026-11-22T14:02:11.123456Z')
export const at = (ms: number): string => new Date(STARTED + ms).toISOString()

export function createFakePayload(text: string, overrides: Partial<Payload> = {}): Payload {
  return { encoding: 'json/plain', text, bytes: text.length, sha256: '5f0c1a92'.repeat(8), truncated: false, sanitised: false, isEncoded: false, decodedFrom: null, redacted: false, hidden: false, ...overrides }
}

export function createFakeSummary(overrides: Partial<ExecutionSummary> = {}): ExecutionSummary {
  return {
    id: '01987a00-0000-7000-8000-000000000001', workflowId: 'w1', workflowName: 'OrderFulfilment', version: null,
    temporalWorkflowId: 'order-A-10482', temporalRunId: '3f0c9d5e-1111-4222-8333-444455556666',
    status: 'completed', phase: null, problem: null, problemDetail: null, problemSince: null, startedAt: at(0), closedAt: at(81_000),
    durationMs: 81_000, taskQueue: 'orders', componentCount: 8, failedComponentCount: 0, retryCount: 0,
    unexpectedRetryCount: 0, unexpectedFailureCount: 0, errorMessage: null, errorType: null, currentOrFailedStep: null,
    currentStep: null, failedStep: null, stepStatuses: Array<'completed'>(8).fill('completed'), detailState: 'complete', syncStatus: 'synced',
    syncedAt: at(82_000), ...overrides,
  }
}

export function createFakeExecution(overrides: Partial<Execution> = {}): Execution {
  return {
    ...createFakeSummary(), projectId: 'p1', connectionId: 'c1', namespace: 'default',
    input: [createFakePayload('{"order":"A-10482","amount":129.90}')], result: null, failure: null, lifecycle: [], memo: {},
    searchAttributes: {}, parent: null, root: null, chain: [], isRetried: false, supersededBy: null, scheduleId: null,
    attempt: 1, buildId: null, deployment: null, versioning: null, origin: 'first', stoppedByReset: false, calledBy: null, timeouts: { executionMs: null, runMs: null, taskMs: 10_000 }, historyLength: 61,
    historyBytes: 12_345, unknownEventCount: 0, codecAddress: null, decodeError: null, temporalUrl: null, ...overrides,
  }
}

export function createFakeComponent(overrides: Partial<Component> = {}): Component {
  const eventId = overrides.eventId ?? 5
  return {
    id: `01987a00-0000-7000-8000-000000000001:${eventId}`, eventId, nodeId: 'validate', occurrence: 1,
    componentName: 'orders.validate', displayName: 'Validate order', kind: 'activity', status: 'completed',
    scheduledAt: at(100), startedAt: at(400), completedAt: at(1500), durationMs: 1400, queueMs: 300, executionMs: 1100,
    retryMs: null, waitingMs: null, clockSkew: false, input: [createFakePayload('{"order":"A-10482","amount":129.90}')],
    output: [createFakePayload('true')], inputTruncated: false, outputTruncated: false, inputBytes: 35, outputBytes: 4,
    errorMessage: null, errorType: null, attempt: 1, retryCount: 0, retryVerdict: 'none', retryReason: null,
    isExpectedRetry: null, retryExplanation: null,
    chosenPolicy: null, policyDiffers: false, retryPolicy: { initialIntervalMs: 1000, backoffCoefficient: 2, maximumIntervalMs: 100_000, maximumAttempts: 5, nonRetryableErrorTypes: [] },
    retryState: null, timeoutType: null, cancelRequested: false, heartbeat: null, lastHeartbeatAt: null, nextAttemptAt: null, pause: null, timerDurationMs: null, copied: false,
    iteration: null, ref: { activityId: '1' }, taskQueue: 'orders', worker: '4711@checkout-worker-1', childExecutionId: null, handledBy: null,
    ...overrides,
  }
}

export function createFakeDetails(component: Component, overrides: Partial<ComponentDetails> = {}): ComponentDetails {
  return { ...component, failure: null, previousFailure: null, attempts: [], ...overrides }
}

export function createFakeState(overrides: Partial<NodeState> = {}): NodeState {
  return {
    nodeId: 'validate', status: 'completed', startedAt: at(400), completedAt: at(1500), durationMs: 1100, attempt: 1, retryVerdict: 'none', retryReason: null,
    errorMessage: null, port: 'next', eventId: 5, executionId: '01987a00-0000-7000-8000-000000000001', approval: null, iterations: null, ...overrides,
  }
}
