import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '../api/client.ts'
import type { ProjectStatistics } from '../api/types.ts'
import { useShortcuts } from '../features/keyboard.ts'
import { ProjectFrame } from '../features/project-frame.tsx'
import { DistributionChart } from '../features/statistics/distribution-chart.tsx'
import { ErrorTable } from '../features/statistics/error-groups.tsx'
import { NothingRan, RangeFault } from '../features/statistics/faults.tsx'
import { KeptNote } from '../features/statistics/kept-note.tsx'
import { Menus } from '../features/statistics/menus.tsx'
import { Part } from '../features/statistics/part.tsx'
import { QueueTable } from '../features/statistics/queue-table.tsx'
import { RunCharts } from '../features/statistics/run-charts.tsx'
import { RunsLink } from '../features/statistics/runs-link.tsx'
import { Moved, Tile, TileBones, Value } from '../features/statistics/tile.tsx'
import { EVERY_MS, type Scope, useScope } from '../features/statistics/use-statistics.ts'
import { WorkflowTable } from '../features/statistics/workflow-table.tsx'
import { coverageOf } from '../lib/backfill.ts'
import { OPEN_RUNS, runsBehind } from '../lib/behind.ts'
import { formatInterval, pointChange, relativeChange } from '../lib/change.ts'
import { formatDuration, formatRunningDuration } from '../lib/duration.ts'
import { counted, formatCount, formatRate } from '../lib/figure.ts'
import type { HistorySearch } from '../lib/url-state.ts'
import { Age } from '../ui/moment.tsx'
import { Problem } from '../ui/states.tsx'
import { Foreign } from '../ui/text.tsx'

const FROM = '/projects/$projectId/statistics'
const anew = { refetchInterval: EVERY_MS }

export function ProjectStatisticsPage() {
  const { projectId } = useParams({ from: FROM })
  const scope = useScope(useSearch({ from: FROM }))
  const navigate = useNavigate()
  useShortcuts({ 'g h': () => void navigate({ to: '/projects/$projectId', params: { projectId } }) })
  return (
    <ProjectFrame projectId={projectId} tab="Statistics" actions={<Menus scope={scope} />}>
      {scope.range.fault ? <RangeFault scope={scope} /> : <Statistics projectId={projectId} scope={scope} />}
    </ProjectFrame>
  )
}

function Statistics({ projectId, scope }: { projectId: string; scope: Scope }) {
  const of = { projectId }
  const asked = { projectId, ...scope.asked }
  const project = useQuery(api.project.get.queryOptions({ projectId }, { staleTime: 60_000 }))
  const statistics = useQuery(api.execution.getProjectStatistics.queryOptions(asked, anew))
  const { before } = scope.range
  const compares = before !== null && scope.search.compare !== false
  const earlier = useQuery({ ...api.execution.getProjectStatistics.queryOptions({ ...asked, ...before }, { staleTime: 60_000 }), enabled: compares })
  const timeline = useQuery(api.statistics.timeline.queryOptions(asked, anew))
  const workflows = useQuery(api.statistics.workflows.queryOptions(asked, anew))
  const queues = useQuery(api.statistics.taskQueues.queryOptions(asked, anew))
  const errors = useQuery(api.statistics.errors.queryOptions(asked, anew))
  const distribution = useQuery(api.statistics.distribution.queryOptions(asked, anew))
  if (statistics.error && !statistics.data) return <Problem error={statistics.error} what="these statistics" retry={() => void statistics.refetch()} />
  if (!statistics.data || project.isPending) return <TileBones count={9} />
  const figures = statistics.data
  const name = project.data?.name ?? 'project'
  if (figures.totalExecutions === 0) return <Quiet projectId={projectId} scope={scope} />
  return (
    <div className="stack">
      <KeptNote kept={figures.kept} />
      <Tiles figures={figures} earlier={compares ? (earlier.data ?? null) : null} projectId={projectId} scope={scope} />
      <Part title="Charts" query={timeline} height={200}>{(found) => <RunCharts timeline={found} scope={scope} name={name} of={of} />}</Part>
      <Part title="Workflows" query={workflows} height={220}>{(found) => <WorkflowTable lines={found.items} other={found.other} scope={scope} name={name} />}</Part>
      <Part title="Waits by task queue" query={queues} height={120}>{(found) => <QueueTable lines={found.items} scope={scope} name={name} of={of} />}</Part>
      <Part title="Errors, grouped" query={errors} height={160}>{(found) => <ErrorTable found={found} scope={scope} name={name} of={of} />}</Part>
      <Part title="How long runs take" query={distribution} height={200}>{(found) => (found.count > 0 ? <DistributionChart found={found} scope={scope} name={name} of={of} /> : null)}</Part>
      {figures.componentCoverage.detailed < figures.componentCoverage.total && (
        <p className="sub">{coverageOf(figures.componentCoverage)} <Link to="/projects/$projectId/connections" params={{ projectId }} search={{}}>Copy more</Link></p>
      )}
      <p className="sub">as of <Age iso={figures.asOf} />{figures.lastExecutionAt && <> · last run started <Age iso={figures.lastExecutionAt} /></>}{figures.checkedAt && <> · compared with the runs <Age iso={figures.checkedAt} /></>} · times in {scope.asked.timeZone}</p>
    </div>
  )
}

/** Nothing ran in this time: when something last did, of all time. */
function Quiet({ projectId, scope }: { projectId: string; scope: Scope }) {
  const ever = useQuery(api.execution.getProjectStatistics.queryOptions({ projectId }, { staleTime: 60_000 }))
  if (!ever.data && !ever.error) return <TileBones count={9} />
  return <NothingRan scope={scope} lastRunAt={ever.data?.lastExecutionAt ?? null} />
}

function Tiles({ figures, earlier, projectId, scope }: { figures: ProjectStatistics; earlier: ProjectStatistics | null; projectId: string; scope: Scope }) {
  const { longestRun, longestRunning, mostUsedWorkflow, mostUsedComponent, mostUsedTaskQueue } = figures
  const since = scope.range.beforeLabel
  const { from, to, last, compare, children } = scope.search
  const kept = { ...(from && { from }), ...(to && { to }), ...(last && { last }), ...(compare === false && { compare }), ...(children && { children }) }
  const open = (more: HistorySearch, text: ReactNode): ReactNode => <RunsLink of={{ projectId }} search={runsBehind(scope.search, scope.range.window, more)}>{text}</RunsLink>
  return (
    <dl className="tiles wide">
      <Tile label="Workflows" how="Workflow definitions of this project, whether they ran in this time or not." below={`${formatCount(figures.activeWorkflows)} ran in this time`}>
        <Value><Link to="/projects/$projectId" params={{ projectId }}>{formatCount(figures.totalWorkflows)}</Link></Value>
      </Tile>
      <Tile label="Runs" metric="totalRuns" change={earlier && <Moved change={relativeChange(figures.totalExecutions, earlier.totalExecutions)} since={since} />} below={figures.runningExecutions > 0 ? open({ status: OPEN_RUNS }, `${formatCount(figures.runningExecutions)} still open`) : 'none still open'}>
        <Value>{open({}, formatCount(figures.totalExecutions))}</Value>
      </Tile>
      <Tile label="Success rate" metric="successRate" change={earlier && <Moved change={pointChange(figures.successRate, earlier.successRate)} since={since} bad="down" />} below={figures.successRateInterval === null ? 'no run has ended yet' : formatInterval(figures.successRateInterval)}>
        <Value>{figures.successRate === null ? null : open({ status: ['completed'] }, formatRate(figures.successRate))}</Value>
      </Tile>
      <Tile label="Average duration" metric="avgDurationMs" change={earlier && <Moved change={relativeChange(figures.avgDurationMs, earlier.avgDurationMs)} since={since} bad="up" />} below={figures.durationCount > 0 ? `over ${counted(figures.durationCount, 'closed run')}` : 'no run has ended yet'}>
        <Value>{figures.avgDurationMs === null ? null : formatDuration(figures.avgDurationMs)}</Value>
      </Tile>
      <Tile label="Errors" metric="errorCount" change={earlier && <Moved change={relativeChange(figures.totalErrors, earlier.totalErrors)} since={since} bad="up" />}>
        <Value>{figures.totalErrors > 0 ? open({ errors: true }, formatCount(figures.totalErrors)) : '0'}</Value>
      </Tile>
      <Tile label="Longest run" metric="maxDurationMs" below={longestRun && <Foreign text={longestRun.workflowName} longest={40} />}>
        <Value>{longestRun && <Link to="/executions/$executionId" params={{ executionId: longestRun.executionId }}>{formatDuration(longestRun.durationMs)}</Link>}</Value>
      </Tile>
      <Tile label="Longest still open" metric="runningRuns" note="The one that started first; its duration is so far." below={longestRunning && <Foreign text={longestRunning.workflowName} longest={40} />}>
        <Value>{longestRunning && <Link to="/executions/$executionId" params={{ executionId: longestRunning.executionId }}>{formatRunningDuration(longestRunning.durationMs)}</Link>}</Value>
      </Tile>
      <Tile label="Most used workflow" how="The workflow with most runs started in this time; of several the first by name." below={mostUsedWorkflow && counted(mostUsedWorkflow.count, 'run')}>
        <Value long>{mostUsedWorkflow && <Link to="/workflows/$workflowId/statistics" params={{ workflowId: mostUsedWorkflow.id }} search={kept}><Foreign text={mostUsedWorkflow.name} longest={40} /></Link>}</Value>
      </Tile>
      <Tile label="Most used component" metric="mostUsedComponent" of="components" note={coverageOf(figures.componentCoverage)} below={mostUsedComponent && counted(mostUsedComponent.count, 'step')}>
        <Value long>{mostUsedComponent && open({ component: { kind: mostUsedComponent.kind, name: mostUsedComponent.name } }, <Foreign text={mostUsedComponent.name} longest={40} />)}</Value>
      </Tile>
      <Tile label="Most used task queue" metric="mostUsedTaskQueue" below={mostUsedTaskQueue && open({ taskQueue: mostUsedTaskQueue.name }, counted(mostUsedTaskQueue.count, 'run'))}>
        <Value long>{mostUsedTaskQueue && <Foreign text={mostUsedTaskQueue.name} longest={40} />}</Value>
      </Tile>
    </dl>
  )
}
