import type { inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from './trpc.gen.ts'

export type { Json } from './trpc.gen.ts'

type Outputs = inferRouterOutputs<AppRouter>

export type Account = Outputs['account']['get']
export type SignedInBrowser = Outputs['session']['list']['items'][number]
export type Token = Outputs['token']['list']['items'][number]
export type User = Outputs['user']['list']['items'][number]
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
export type FigureCheck = Outputs['statistics']['checks']['items'][number]
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

export type Draft = Outputs['workflow']['getDraft']
export type Graph = Draft['graph']
export type BuilderNode = Graph['nodes'][number]
export type BuilderEdge = Graph['edges'][number]
export type NodeKind = BuilderNode['kind']
export type GraphProblem = Draft['problems'][number]
export type VersionSummary = Outputs['workflow']['listVersions']['items'][number]
/** What can be put on a drawing; `Component` is a step of a run. */
export type CatalogueComponent = Outputs['component']['list']['items'][number]
export type RetryChoice = NonNullable<CatalogueComponent['retry']>
export type Timeouts = CatalogueComponent['timeouts']
export type Services = Outputs['service']['list']
export type Service = Services['items'][number]
export type ServiceSettings = Service['settings']
/** A run on the drawing that it ran. */
export type RunGraph = Outputs['execution']['getGraph']
export type NodeState = RunGraph['nodes'][number]
export type NodeStatus = NodeState['status']
export type ApprovalRequest = NonNullable<NodeState['approval']>
export type IterationCounts = NonNullable<NodeState['iterations']>
export type Member = Outputs['member']['list']['items'][number]
export type AuditLine = Outputs['audit']['list']['items'][number]
export type Privacy = Outputs['privacy']['getRules']
export type RedactionRules = Privacy['rules']
export type RulesPreview = Outputs['privacy']['preview']
export type Erasure = Outputs['execution']['previewErase']
export type NodeIteration = Outputs['execution']['getNodeIterations']['items'][number]
export type Timeline = Outputs['statistics']['timeline']
export type TimelineBucket = Timeline['buckets'][number]
export type ComponentLines = Outputs['statistics']['components']
export type ComponentLine = ComponentLines['items'][number]
export type Distribution = Outputs['statistics']['distribution']
export type VersionLine = Outputs['statistics']['versions']['items'][number]
export type WorkflowLine = Outputs['statistics']['workflows']['items'][number]
export type TaskQueueLine = Outputs['statistics']['taskQueues']['items'][number]
export type Definition = Outputs['statistics']['definitions']['items'][number]
export type ErrorGroups = Outputs['statistics']['errors']
export type ErrorGroup = ErrorGroups['groups'][number]
