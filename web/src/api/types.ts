import type { inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from './trpc.gen.ts'

type Outputs = inferRouterOutputs<AppRouter>

export type Project = Outputs['project']['get']
export type Connection = NonNullable<Project['connection']>
export type ConnectionState = Connection['state']
export type ConnectionDetails = Outputs['connection']['get']
export type ConnectionTest = Outputs['connection']['test']
export type Workflow = Outputs['workflow']['get']
export type ExecutionPage = Outputs['execution']['getExecutionHistory']
export type ExecutionSummary = ExecutionPage['items'][number]
export type DetailsPage = Outputs['execution']['getExecutionDetails']
export type Execution = DetailsPage['execution']
export type Component = DetailsPage['components'][number]
export type ComponentDetails = Outputs['execution']['getComponentExecution']
export type DecodedExecution = Outputs['execution']['decodeExecution']
export type Chain = Outputs['execution']['getChain']
export type ChainRun = Chain['items'][number]
export type Sync = DetailsPage['sync']
export type Payload = NonNullable<Component['input']>[number]
export type Failure = NonNullable<Execution['failure']>
export type Attempt = ComponentDetails['attempts'][number]
export type RetryPolicy = NonNullable<Component['retryPolicy']>
export type LifecycleEvent = Execution['lifecycle'][number]
export type Level = Workflow['level'] & string
export type BackfillEstimate = Outputs['backfill']['estimate']
export type Backfill = Outputs['backfill']['get']
export type UnansweredConnection = Outputs['backfill']['list']['unanswered'][number]
export type WorkflowStatistics = Outputs['execution']['getWorkflowStatistics']
export type ProjectStatistics = Outputs['execution']['getProjectStatistics']
export type Attention = Outputs['attention']['get']
export type WatchedConnection = Attention['connections'][number]
export type TroubledExecution = Outputs['attention']['list']['items'][number]
export type BadEnd = Outputs['attention']['badEnds']['items'][number]
export type SetAsideRun = Outputs['sync']['setAside']['items'][number]
export type Schedules = Outputs['schedule']['list']
export type Schedule = Schedules['items'][number]
export type ScheduledRun = Schedule['lastRuns'][number]
export type ExecutionStatus = ExecutionSummary['status']
export type ComponentStatus = Component['status']
export type ComponentKind = Component['kind']
// TEMPORARY until generated
export type { Json } from './trpc.gen.ts'
import type { Json } from './trpc.gen.ts'
export type RetryChoice =
  | { strategy: 'keep_trying'; initialIntervalSeconds: number; backoffCoefficient: number; maximumIntervalSeconds: number }
  | { strategy: 'fail_after'; maximumAttempts: number; initialIntervalSeconds: number }
  | { strategy: 'exponential_backoff'; maximumAttempts: number; initialIntervalSeconds: number; backoffCoefficient: number; maximumIntervalSeconds: number }
  | { strategy: 'no_retries' }
export type Timeouts = { startToCloseSeconds: number | null; scheduleToCloseSeconds: number | null; scheduleToStartSeconds: number | null; heartbeatSeconds: number | null }
type Drawn = { id: string; name: string; notes: string; position: { x: number; y: number } | null; parent: string | null }
type Obj = { [key: string]: Json }
export type BuilderNode =
  | (Drawn & { kind: 'start' })
  | (Drawn & { kind: 'activity'; component: string; taskQueue: string | null; input: Obj; retry: RetryChoice | null; nonRetryableErrors: string[]; timeouts: Timeouts })
  | (Drawn & { kind: 'workflow'; workflow: string; taskQueue: string | null; version: number | null; input: Json; retry: RetryChoice | null; nonRetryableErrors: string[]; timeoutSeconds: number | null })
  | (Drawn & { kind: 'branch'; cases: { port: string; when: string }[] })
  | (Drawn & { kind: 'parallel' })
  | (Drawn & { kind: 'join'; mode: 'all' | 'any' })
  | (Drawn & { kind: 'for_each'; items: string; concurrency: number; result: string | null; onError: 'stop' | 'continue' })
  | (Drawn & { kind: 'wait'; seconds: number | string | null; until: string | null })
  | (Drawn & { kind: 'approval'; question: Json; form: Obj; timeoutSeconds: number | null })
  | (Drawn & { kind: 'set'; values: Obj })
  | (Drawn & { kind: 'end'; outcome: 'completed' | 'failed'; result: Json; errorType: string; message: Json })
export type NodeKind = BuilderNode['kind']
export type BuilderEdge = { source: string; port: string; target: string }
export type Graph = { format: 'watchglass/workflow/v1'; name: string; description: string; taskQueue: string | null; inputSchema: Obj; nodes: BuilderNode[]; edges: BuilderEdge[] }
export type CatalogueComponent = { type: string; name: string; description: string; category: string; icon: string; taskQueue: string | null; inputSchema: Obj; outputSchema: Obj; retry: RetryChoice | null; timeouts: Timeouts; source: 'built_in' | 'worker' | 'person' }
export type GraphProblem = { severity: 'error' | 'warning'; node: string | null; field: string | null; edge: number | null; at: [number, number] | null; message: string }
