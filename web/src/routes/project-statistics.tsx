import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import type { ProjectStatistics } from '../api/types.ts'
import { useShortcuts } from '../features/keyboard.ts'
import { ProjectFrame } from '../features/project-frame.tsx'
import { Tile, TileBones, Value } from '../features/statistics/tile.tsx'
import { WindowMenu } from '../features/statistics/window-menu.tsx'
import { coverageOf } from '../lib/backfill.ts'
import { formatDuration, formatRunningDuration } from '../lib/duration.ts'
import { counted, formatCount, formatRate } from '../lib/figure.ts'
import type { TimeWindow } from '../lib/window.ts'
import { Age } from '../ui/moment.tsx'
import { Empty, Problem } from '../ui/states.tsx'
import { Foreign } from '../ui/text.tsx'

const FROM = '/projects/$projectId/statistics'

export function ProjectStatisticsPage() {
  const { projectId } = useParams({ from: FROM })
  const window = useSearch({ from: FROM })
  const navigate = useNavigate()
  useShortcuts({ 'g h': () => void navigate({ to: '/projects/$projectId', params: { projectId } }) })
  return (
    <ProjectFrame projectId={projectId} tab="Statistics" actions={<WindowMenu window={window} />}>
      <Statistics projectId={projectId} window={window} />
    </ProjectFrame>
  )
}

function Statistics({ projectId, window }: { projectId: string; window: TimeWindow }) {
  const statistics = useQuery(api.execution.getProjectStatistics.queryOptions({ projectId, ...window }, { refetchInterval: 5000 }))
  if (statistics.error && !statistics.data) return <Problem error={statistics.error} what="these statistics" retry={() => void statistics.refetch()} />
  if (!statistics.data) return <TileBones count={9} />
  if (statistics.data.totalExecutions === 0) {
    return (
      <Empty title={window.from || window.to ? 'No run started in this time' : 'No runs yet'}>
        <p>{window.from || window.to ? 'Choose another window, or all time.' : 'Figures appear with the first run.'}</p>
      </Empty>
    )
  }
  return (
    <>
      <Tiles figures={statistics.data} projectId={projectId} />
      {statistics.data.componentCoverage.detailed < statistics.data.componentCoverage.total && (
        <p className="sub">{coverageOf(statistics.data.componentCoverage)} <Link to="/projects/$projectId/connections" params={{ projectId }} search={{}}>Copy more</Link></p>
      )}
      <p className="sub">as of <Age iso={statistics.data.asOf} />{statistics.data.lastExecutionAt && <> · last run started <Age iso={statistics.data.lastExecutionAt} /></>}</p>
    </>
  )
}

function Tiles({ figures, projectId }: { figures: ProjectStatistics; projectId: string }) {
  const { longestRun, longestRunning, mostUsedWorkflow, mostUsedComponent, mostUsedTaskQueue } = figures
  return (
    <dl className="tiles wide">
      <Tile label="Workflows" how="Workflow definitions of this project; active ones had at least one run in this time." below={`${formatCount(figures.activeWorkflows)} active`}>
        <Value><Link to="/projects/$projectId" params={{ projectId }}>{formatCount(figures.totalWorkflows)}</Link></Value>
      </Tile>
      <Tile label="Runs" how="Runs that started in this time, of every workflow and status." below={`${formatCount(figures.runningExecutions)} still open`}>
        <Value>{formatCount(figures.totalExecutions)}</Value>
      </Tile>
      <Tile label="Success rate" how="Completed ÷ (completed + failed + ran out of time + stopped by force). Open, cancelled and carried-on runs stay out of it.">
        <Value>{figures.successRate === null ? null : formatRate(figures.successRate)}</Value>
      </Tile>
      <Tile label="Average duration" how="Of closed runs, without those that carried on in a new run.">
        <Value>{figures.avgDurationMs === null ? null : formatDuration(figures.avgDurationMs)}</Value>
      </Tile>
      <Tile label="Errors" how="Runs that failed, ran out of time or were stopped by force.">
        <Value>{formatCount(figures.totalErrors)}</Value>
      </Tile>
      <Tile label="Longest run" how="The longest run that has ended." below={longestRun && <Foreign text={longestRun.workflowName} longest={40} />}>
        <Value>{longestRun && <Link to="/executions/$executionId" params={{ executionId: longestRun.executionId }}>{formatDuration(longestRun.durationMs)}</Link>}</Value>
      </Tile>
      <Tile label="Longest still open" how="The open run that started first." below={longestRunning && <Foreign text={longestRunning.workflowName} longest={40} />}>
        <Value>{longestRunning && <Link to="/executions/$executionId" params={{ executionId: longestRunning.executionId }}>{formatRunningDuration(longestRunning.durationMs)}</Link>}</Value>
      </Tile>
      <Tile label="Most used workflow" how="The workflow with most runs started in this time; ties by name." below={mostUsedWorkflow && counted(mostUsedWorkflow.count, 'run')}>
        <Value long>{mostUsedWorkflow && <Link to="/workflows/$workflowId" params={{ workflowId: mostUsedWorkflow.id }}><Foreign text={mostUsedWorkflow.name} longest={60} /></Link>}</Value>
      </Tile>
      <Tile label="Most used component" how={`Most steps of kind activity, local step, sub-workflow or call to another namespace; ties by name. ${coverageOf(figures.componentCoverage)}`} below={mostUsedComponent && counted(mostUsedComponent.count, 'step')}>
        <Value long>{mostUsedComponent && <Foreign text={mostUsedComponent.name} longest={60} />}</Value>
      </Tile>
      <Tile label="Most used task queue" how="The task queue with most runs started in this time; ties by name." below={mostUsedTaskQueue && counted(mostUsedTaskQueue.count, 'run')}>
        <Value long>{mostUsedTaskQueue && <Foreign text={mostUsedTaskQueue.name} longest={60} />}</Value>
      </Tile>
    </dl>
  )
}
