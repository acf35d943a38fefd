import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '../api/client.ts'
import type { ErrorGroup, WorkflowStatistics } from '../api/types.ts'
import { ComponentTable } from '../features/statistics/component-table.tsx'
import { DistributionChart } from '../features/statistics/distribution-chart.tsx'
import { ErrorTable } from '../features/statistics/error-groups.tsx'
import { NothingRan, RangeFault } from '../features/statistics/faults.tsx'
import { KeptNote } from '../features/statistics/kept-note.tsx'
import { Menus } from '../features/statistics/menus.tsx'
import { Part } from '../features/statistics/part.tsx'
import { RecentRuns } from '../features/statistics/recent-runs.tsx'
import { RunCharts } from '../features/statistics/run-charts.tsx'
import { RunsLink } from '../features/statistics/runs-link.tsx'
import { Moved, Tile, TileBones, Value } from '../features/statistics/tile.tsx'
import { EVERY_MS, type Scope, useScope } from '../features/statistics/use-statistics.ts'
import { VersionTable } from '../features/statistics/version-table.tsx'
import { WorkflowFrame } from '../features/workflow-frame.tsx'
import { coverageOf } from '../lib/backfill.ts'
import { OPEN_RUNS, runsBehind } from '../lib/behind.ts'
import { formatInterval, pointChange, relativeChange } from '../lib/change.ts'
import { formatDuration } from '../lib/duration.ts'
import { counted, formatCount, formatRate } from '../lib/figure.ts'
import type { HistorySearch } from '../lib/url-state.ts'
import { Age } from '../ui/moment.tsx'
import { Problem } from '../ui/states.tsx'
import { Foreign } from '../ui/text.tsx'

const FROM = '/workflows/$workflowId/statistics'
const anew = { refetchInterval: EVERY_MS }

export function WorkflowStatisticsPage() {
  const { workflowId } = useParams({ from: FROM })
  const scope = useScope(useSearch({ from: FROM }))
  return (
    <WorkflowFrame workflowId={workflowId} tab="Statistics" actions={<Menus scope={scope} workflowId={workflowId} />}>
      {scope.range.fault ? <RangeFault scope={scope} /> : <Statistics workflowId={workflowId} scope={scope} />}
    </WorkflowFrame>
  )
}

function Statistics({ workflowId, scope }: { workflowId: string; scope: Scope }) {
  const { version: _, ...unversioned } = scope.asked
  const asked = { workflowId, ...scope.asked }
  const workflow = useQuery(api.workflow.get.queryOptions({ workflowId }, { staleTime: 30_000 }))
  const statistics = useQuery(api.execution.getWorkflowStatistics.queryOptions(asked, anew))
  const { before } = scope.range
  const earlier = useQuery({
    ...api.execution.getWorkflowStatistics.queryOptions({ ...asked, ...before }, { staleTime: 60_000 }),
    enabled: before !== null && scope.search.compare !== false,
  })
  const timeline = useQuery(api.statistics.timeline.queryOptions(asked, anew))
  const components = useQuery(api.statistics.components.queryOptions({ ...asked, ...(scope.search.byNode && { byNode: true }) }, anew))
  const distribution = useQuery(api.statistics.distribution.queryOptions(asked, anew))
  const errors = useQuery(api.statistics.errors.queryOptions(asked, anew))
  const versions = useQuery(api.statistics.versions.queryOptions({ workflowId, ...unversioned }, anew))
  if (statistics.error && !statistics.data) return <Problem error={statistics.error} what="these statistics" retry={() => void statistics.refetch()} />
  if (!statistics.data || workflow.isPending) return <TileBones count={6} />
  const figures = statistics.data
  const name = workflow.data?.name ?? 'workflow'
  if (figures.totalRuns === 0) return <NothingRan scope={scope} lastRunAt={workflow.data?.lastRunAt ?? null} />
  const behind = runsBehind(scope.search, scope.range.window)
  return (
    <div className="stack">
      <KeptNote kept={figures.kept} />
      <Tiles figures={figures} earlier={before && scope.search.compare !== false ? (earlier.data ?? null) : null} workflowId={workflowId} scope={scope} worst={errors.data?.groups[0] ?? null} />
      <Part title="Charts" query={timeline} height={200}>{(found) => <RunCharts timeline={found} scope={scope} name={name} of={{ workflowId }} />}</Part>
      <Part title="Components" query={components} height={220}>{(lines) => <ComponentTable lines={lines} scope={scope} name={name} workflowId={workflowId} hasNodes={workflow.data?.kind === 'built'} />}</Part>
      <div className="two-panels">
        <Part title="Errors, grouped" query={errors} height={200}>{(found) => <ErrorTable found={found} scope={scope} name={name} of={{ workflowId }} />}</Part>
        <RecentRuns runs={figures.recentExecutions} all={<Link to="/workflows/$workflowId" params={{ workflowId }} search={behind} className="sub tap">All {formatCount(figures.totalRuns)}</Link>} />
      </div>
      <Part title="How long runs take" query={distribution} height={200}>{(found) => (found.count > 0 ? <DistributionChart found={found} scope={scope} name={name} of={{ workflowId }} /> : <NoDurations />)}</Part>
      {versions.data && versions.data.items.length > 1 && <VersionTable lines={versions.data.items} other={versions.data.other} scope={scope} name={name} workflowId={workflowId} />}
      <p className="sub">as of <Age iso={figures.asOf} /> · times in {scope.asked.timeZone}</p>
    </div>
  )
}

function NoDurations() {
  return <section className="panel part-fault"><h2>How long runs take</h2><p className="sub">No run has ended yet.</p></section>
}

function Tiles({ figures, earlier, workflowId, scope, worst }: { figures: WorkflowStatistics; earlier: WorkflowStatistics | null; workflowId: string; scope: Scope; worst: ErrorGroup | null }) {
  const { search, range } = scope
  const ended = figures.completedRuns + figures.errorCount
  const since = range.beforeLabel
  const most = figures.mostUsedComponent
  const open = (more: HistorySearch, text: ReactNode): ReactNode => (
    <RunsLink of={{ workflowId }} search={runsBehind(search, range.window, more)}>{text}</RunsLink>
  )
  const duration = (ms: number | null) => (ms === null ? null : formatDuration(ms))
  const over = figures.durationCount > 0 ? `over ${counted(figures.durationCount, 'closed run')}` : 'no run has ended yet'
  const note = figures.percentileError > 0 ? `From roll-ups: at most ${formatRate(figures.percentileError)} away from the exact value.` : 'Exact, from every run.'
  return (
    <dl className="tiles">
      <Tile label="Runs" metric="totalRuns" change={earlier && <Moved change={relativeChange(figures.totalRuns, earlier.totalRuns)} since={since} />} below={figures.runningRuns > 0 ? open({ status: OPEN_RUNS }, `${formatCount(figures.runningRuns)} still open`) : 'none still open'}>
        <Value>{open({}, formatCount(figures.totalRuns))}</Value>
      </Tile>
      <Tile
        label="Success rate"
        metric="successRate"
        note="The range below it is Wilson’s 95 % interval: the fewer runs, the wider."
        change={earlier && <Moved change={pointChange(figures.successRate, earlier.successRate)} since={since} bad="down" />}
        below={figures.successRateInterval === null ? 'no run has ended yet' : <><span className="nowrap">{formatInterval(figures.successRateInterval)}</span> · <span className="nowrap">n = {formatCount(ended)}</span></>}
      >
        <Value>{figures.successRate === null ? null : open({ status: ['completed'] }, formatRate(figures.successRate))}</Value>
      </Tile>
      <Tile label="Average duration" metric="avgDurationMs" change={earlier && <Moved change={relativeChange(figures.avgDurationMs, earlier.avgDurationMs)} since={since} bad="up" />} below={<>{figures.p50DurationMs !== null && <><span className="nowrap">median {formatDuration(figures.p50DurationMs)}</span> · </>}{over}</>}>
        <Value>{duration(figures.avgDurationMs)}</Value>
      </Tile>
      <Tile
        label="p95 duration"
        metric="p95DurationMs"
        note={note}
        change={earlier && <Moved change={relativeChange(figures.p95DurationMs, earlier.p95DurationMs)} since={since} bad="up" />}
        below={figures.maxDurationMs === null ? over : <><span className="nowrap">p99 {duration(figures.p99DurationMs)}</span> · <span className="nowrap">longest {open({ sort: 'durationMs' }, formatDuration(figures.maxDurationMs))}</span></>}
      >
        <Value>{figures.p95DurationMs === null ? null : open({ minDurationMs: figures.p95DurationMs, sort: 'durationMs' }, formatDuration(figures.p95DurationMs))}</Value>
      </Tile>
      <Tile label="Errors" metric="errorCount" change={earlier && <Moved change={relativeChange(figures.errorCount, earlier.errorCount)} since={since} bad="up" />} below={<>{figures.lastErrorAt ? <>{worst && worst.errorGroup !== '' && <>{formatCount(worst.count)} × <Foreign text={worst.errorType ?? 'Error'} longest={32} /> · </>}last <Age iso={figures.lastErrorAt} /></> : 'none in this time'}{figures.retriedRuns > 0 && ` · ${formatCount(figures.retriedRuns)} carried on`}</>}>
        <Value>{figures.errorCount > 0 ? open({ errors: true }, formatCount(figures.errorCount)) : '0'}</Value>
      </Tile>
      <Tile label="Most used component" metric="mostUsedComponent" of="components" note={coverageOf(figures.componentCoverage)} below={most ? counted(most.count, 'step') : 'no step was copied'}>
        <Value long>{most && open({ component: { kind: most.kind, name: most.name } }, <Foreign text={most.name} longest={60} />)}</Value>
      </Tile>
    </dl>
  )
}
