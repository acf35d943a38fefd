import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import type { WorkflowStatistics } from '../api/types.ts'
import { RunList } from '../features/run-list.tsx'
import { Tile, TileBones, Value } from '../features/statistics/tile.tsx'
import { WindowMenu } from '../features/statistics/window-menu.tsx'
import { WorkflowFrame } from '../features/workflow-frame.tsx'
import { coverageOf } from '../lib/backfill.ts'
import { formatDuration } from '../lib/duration.ts'
import { counted, formatCount, formatRate } from '../lib/figure.ts'
import { kindLabel, type RunStatus } from '../lib/status.ts'
import type { TimeWindow } from '../lib/window.ts'
import { Age } from '../ui/moment.tsx'
import { Empty, Problem } from '../ui/states.tsx'
import { Foreign, Id } from '../ui/text.tsx'

const FROM = '/workflows/$workflowId/statistics'

export function WorkflowStatisticsPage() {
  const { workflowId } = useParams({ from: FROM })
  const window = useSearch({ from: FROM })
  return (
    <WorkflowFrame workflowId={workflowId} tab="Statistics" actions={<WindowMenu window={window} />}>
      <Statistics workflowId={workflowId} window={window} />
    </WorkflowFrame>
  )
}

function Statistics({ workflowId, window }: { workflowId: string; window: TimeWindow }) {
  const statistics = useQuery(api.execution.getWorkflowStatistics.queryOptions({ workflowId, ...window }, { refetchInterval: 5000 }))
  if (statistics.error && !statistics.data) return <Problem error={statistics.error} what="these statistics" retry={() => void statistics.refetch()} />
  if (!statistics.data) return <TileBones count={6} />
  const figures = statistics.data
  if (figures.totalRuns === 0) {
    return (
      <Empty title={window.from || window.to ? 'No run started in this time' : 'No runs yet'}>
        <p>{window.from || window.to ? 'Choose another window, or all time.' : 'Figures appear with the first run.'}</p>
      </Empty>
    )
  }
  return (
    <>
      <Tiles figures={figures} workflowId={workflowId} isAllTime={!window.from && !window.to} />
      <div className="stack">
        <Components figures={figures} />
        {figures.byBuild.length > 1 && <Versions figures={figures} workflowId={workflowId} isAllTime={!window.from && !window.to} />}
        <section>
          <h2 className="section-title">Recent runs</h2>
          <RunList runs={figures.recentExecutions} label="Recent runs" short />
        </section>
        <p className="sub">as of <Age iso={figures.asOf} /></p>
      </div>
    </>
  )
}

function Tiles({ figures, workflowId, isAllTime }: { figures: WorkflowStatistics; workflowId: string; isAllTime: boolean }) {
  const ended = figures.completedRuns + figures.errorCount
  const open = (status: RunStatus[], text: string) =>
    isAllTime ? <Link to="/workflows/$workflowId" params={{ workflowId }} search={status.length > 0 ? { status } : {}}>{text}</Link> : text
  const duration = (ms: number | null) => (ms === null ? null : formatDuration(ms))
  const over = figures.durationCount > 0 ? `over ${counted(figures.durationCount, 'closed run')}` : 'no run has ended yet'
  return (
    <dl className="tiles">
      <Tile label="Runs" how="Runs that started in this time, of every status. Every run of a chain counts." below={figures.runningRuns > 0 ? open(['pending', 'running', 'paused'], `${formatCount(figures.runningRuns)} still open`) : 'none still open'}>
        <Value>{open([], formatCount(figures.totalRuns))}</Value>
      </Tile>
      <Tile label="Success rate" how="Completed ÷ (completed + failed + ran out of time + stopped by force). Open, cancelled and carried-on runs stay out of it." below={ended > 0 ? `${formatCount(figures.completedRuns)} of ${formatCount(ended)} that ended` : 'no run has ended yet'}>
        <Value>{figures.successRate === null ? null : formatRate(figures.successRate)}</Value>
      </Tile>
      <Tile label="Average duration" how="Of closed runs, without those that carried on in a new run." below={<>{over}{figures.p50DurationMs !== null && <> · <span className="nowrap">median {formatDuration(figures.p50DurationMs)}</span></>}</>}>
        <Value>{duration(figures.avgDurationMs)}</Value>
      </Tile>
      <Tile label="p95 duration" how="95 of 100 closed runs took this long or less (nearest rank)." below={figures.p99DurationMs === null ? over : <><span className="nowrap">p99 {formatDuration(figures.p99DurationMs)}</span> · <span className="nowrap">longest {duration(figures.maxDurationMs) ?? '–'}</span></>}>
        <Value>{duration(figures.p95DurationMs)}</Value>
      </Tile>
      <Tile label="Errors" how="Runs that failed, ran out of time or were stopped by force. Runs that Temporal itself carries on are not errors." below={<>{figures.lastErrorAt ? <>last <Age iso={figures.lastErrorAt} /></> : 'none so far'}{figures.retriedRuns > 0 && ` · ${formatCount(figures.retriedRuns)} carried on`}</>}>
        <Value>{figures.errorCount > 0 ? open(['failed', 'timed_out', 'terminated'], formatCount(figures.errorCount)) : '0'}</Value>
      </Tile>
      <Tile label="Most used component" how={`Most steps of kind activity, local step, sub-workflow or call to another namespace. ${coverageOf(figures.componentCoverage)}`} below={figures.mostUsedComponent && `${formatCount(figures.mostUsedComponent.count)} times`}>
        <Value long>{figures.mostUsedComponent && <Foreign text={figures.mostUsedComponent.name} longest={60} />}</Value>
      </Tile>
    </dl>
  )
}

function Components({ figures }: { figures: WorkflowStatistics }) {
  const most = Math.max(...figures.components.map((component) => component.count), 1)
  if (figures.components.length === 0) return <Empty title="No steps in this time" />
  return (
    <section className="panel list">
      <div className="panel-title"><h2 id="components-title">Components</h2><span className="sub">{coverageOf(figures.componentCoverage)}</span></div>
      <div className="components" role="table" aria-labelledby="components-title">
      <div role="row" className="list-row list-head">
        <div role="columnheader">Component</div>
        <div role="columnheader">Kind</div>
        <div role="columnheader" className="num">Steps</div>
        <div role="columnheader" className="num">Failed</div>
        <div role="columnheader" className="num">Average</div>
        <div role="columnheader">Share of steps</div>
      </div>
      {figures.components.map((component) => (
        <div role="row" className="list-row" key={`${component.kind}-${component.name}`}>
          <div role="cell" className="cell-name clip"><Id text={component.name} longest={80} /></div>
          <div role="cell" className="cell sub" data-label="Kind">{kindLabel(component.kind)}</div>
          <div role="cell" className="cell num" data-label="Steps">{formatCount(component.count)}</div>
          <div role="cell" className={`cell num ${component.failedCount > 0 ? 'bad-text' : ''}`} data-label="Failed">{component.failedCount > 0 ? `${formatCount(component.failedCount)} · ${formatRate(component.failedCount / component.count)}` : '0'}</div>
          <div role="cell" className="cell num" data-label="Average">{component.avgDurationMs === null ? '–' : formatDuration(component.avgDurationMs)}</div>
          <div role="cell" className="cell" data-label="Share of steps"><span className="meter" aria-hidden="true"><i style={{ width: `${(component.count / most) * 100}%` }} /></span></div>
        </div>
      ))}
      </div>
    </section>
  )
}

type Version = WorkflowStatistics['byBuild'][number]

/** The same runs, split by the version of the workers that worked on them last. */
function Versions({ figures, workflowId, isAllTime }: { figures: WorkflowStatistics; workflowId: string; isAllTime: boolean }) {
  return (
    <section className="panel list">
      <div className="panel-title"><h2 id="versions-title">By version of the worker</h2><span className="sub">the version that ran last comes first</span></div>
      <div className="versions" role="table" aria-labelledby="versions-title">
        <div role="row" className="list-row list-head">
          <div role="columnheader">Version</div>
          <div role="columnheader" className="num">Runs</div>
          <div role="columnheader" className="num">Success rate</div>
          <div role="columnheader" className="num">Errors</div>
          <div role="columnheader" className="num">Average</div>
          <div role="columnheader" className="num">p95</div>
          <div role="columnheader">Last run</div>
        </div>
        {figures.byBuild.map((version) => (
          <div role="row" className="list-row" key={version.isRest ? 'rest' : `${version.deployment} ${version.buildId}`}>
            <div role="cell" className="cell-name clip">
              {version.isRest || !isAllTime ? <VersionName version={version} /> : (
                <Link to="/workflows/$workflowId" params={{ workflowId }} search={{ buildId: version.buildId ?? '', deployment: version.deployment ?? '' }}><VersionName version={version} /></Link>
              )}
            </div>
            <div role="cell" className="cell num" data-label="Runs">{formatCount(version.totalRuns)}</div>
            <div role="cell" className="cell num" data-label="Success rate">{version.successRate === null ? '–' : formatRate(version.successRate)}</div>
            <div role="cell" className={`cell num ${version.errorCount > 0 ? 'bad-text' : ''}`} data-label="Errors">{formatCount(version.errorCount)}</div>
            <div role="cell" className="cell num" data-label="Average">{version.avgDurationMs === null ? '–' : formatDuration(version.avgDurationMs)}</div>
            <div role="cell" className="cell num" data-label="p95">{version.p95DurationMs === null ? '–' : formatDuration(version.p95DurationMs)}</div>
            <div role="cell" className="cell sub" data-label="Last run"><Age iso={version.lastRunAt} /></div>
          </div>
        ))}
      </div>
    </section>
  )
}

function VersionName({ version }: { version: Version }) {
  if (version.isRest) return <span className="sub">{counted(version.builds, 'older version')} together</span>
  return (
    <>
      {version.buildId === null ? <span className="sub">no version known</span> : <Id text={version.buildId} longest={48} />}
      {version.deployment !== null && <span className="sub"> of <Id text={version.deployment} longest={48} /></span>}
    </>
  )
}
