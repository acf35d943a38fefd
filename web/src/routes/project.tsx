import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import type { Workflow } from '../api/types.ts'
import { useShortcuts } from '../features/keyboard.ts'
import { NewWorkflow } from '../features/builder/new-workflow.tsx'
import { ProjectFrame } from '../features/project-frame.tsx'
import { coverageOf } from '../lib/backfill.ts'
import { formatDuration } from '../lib/duration.ts'
import { counted, formatCount, formatRate } from '../lib/figure.ts'
import { Icon } from '../ui/icon.tsx'
import { Age } from '../ui/moment.tsx'
import { Bone, Empty, Problem } from '../ui/states.tsx'
import { Foreign, Id } from '../ui/text.tsx'
import { useState } from 'react'

export function ProjectPage() {
  const { projectId } = useParams({ from: '/projects/$projectId' })
  const navigate = useNavigate()
  useShortcuts({ 'g s': () => void navigate({ to: '/projects/$projectId/statistics', params: { projectId } }) })
  return (
    <ProjectFrame projectId={projectId} tab="Workflows" actions={<NewWorkflow projectId={projectId} />}>
      <Workflows projectId={projectId} />
    </ProjectFrame>
  )
}

function Workflows({ projectId }: { projectId: string }) {
  const [find, setFind] = useState('')
  const pages = useInfiniteQuery(
    api.workflow.list.infiniteQueryOptions(
      { projectId },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, refetchInterval: 5000 },
    ),
  )
  if (pages.error && !pages.data) return <Problem error={pages.error} what="the workflows" retry={() => void pages.refetch()} />
  if (!pages.data) return <WorkflowBones />
  const all = pages.data.pages.flatMap((page) => page.items)
  if (all.length === 0) {
    return (
      <Empty title="No workflows yet">
        <p>Draw one with “New workflow”. Every workflow type that runs in this namespace appears here by itself, too. Start one from your code:</p>
        <code>temporal workflow start --type YourWorkflow --task-queue your-queue</code>
      </Empty>
    )
  }
  const shown = all.filter((workflow) => workflow.name.toLowerCase().includes(find.toLowerCase()))
  return (
    <>
      <div className="toolbar">
        <label className="field">
          <Icon name="search" />
          <input data-search type="search" placeholder="Find a workflow" aria-label="Find a workflow" value={find} onChange={(event) => setFind(event.target.value)} />
        </label>
        <span className="sub">{counted(all.length, 'workflow')}{pages.hasNextPage ? ' and more' : ''}</span>
      </div>
      {shown.length === 0 ? <Empty title={`No workflow’s name contains “${find}”`} /> : <WorkflowList workflows={shown} />}
      {pages.hasNextPage && (
        <div className="pager">
          <button type="button" className="button" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>More workflows</button>
        </div>
      )}
    </>
  )
}

function WorkflowList({ workflows }: { workflows: Workflow[] }) {
  return (
    <div className="panel list workflows" role="table" aria-label="Workflows">
      <div role="row" className="list-row list-head">
        <div role="columnheader">Workflow</div>
        {['Runs', 'Running', 'Errors', 'Success', 'Average', 'Last run'].map((label) => (
          <div role="columnheader" key={label} className="num">{label}</div>
        ))}
      </div>
      {workflows.map((workflow) => <WorkflowRow key={workflow.id} workflow={workflow} />)}
    </div>
  )
}

function WorkflowRow({ workflow }: { workflow: Workflow }) {
  const { figures } = workflow
  return (
    <div role="row" className="list-row">
      <div role="cell" className="cell-name">
        <Link to="/workflows/$workflowId" params={{ workflowId: workflow.id }} data-row><Foreign text={workflow.name} longest={80} /></Link>
        {workflow.kind === 'built' && <> <span className="pill mute">built</span></>}
        {workflow.coverage.detailed < workflow.coverage.total && <div className="sub">{coverageOf(workflow.coverage)}</div>}
        {workflow.temporalType !== workflow.name && <div className="sub"><Id text={workflow.temporalType} longest={60} /></div>}
      </div>
      <div role="cell" className="cell num" data-label="Runs">{formatCount(figures.totalRuns)}</div>
      <div role="cell" className="cell num" data-label="Running">{formatCount(figures.runningRuns)}</div>
      <div role="cell" className={`cell num ${figures.errorCount > 0 ? 'bad-text' : ''}`} data-label="Errors">{formatCount(figures.errorCount)}</div>
      <div role="cell" className="cell num" data-label="Success">{figures.successRate === null ? '–' : formatRate(figures.successRate)}</div>
      <div role="cell" className="cell num" data-label="Average">{figures.avgDurationMs === null ? '–' : formatDuration(figures.avgDurationMs)}</div>
      <div role="cell" className="cell num sub" data-label="Last run">{workflow.lastRunAt ? <Age iso={workflow.lastRunAt} /> : '–'}</div>
    </div>
  )
}

function WorkflowBones() {
  return (
    <div className="panel list workflows" aria-hidden="true">
      <div className="list-row list-head" />
      {Array.from({ length: 6 }, (_, at) => (
        <div key={at} className="list-row">
          <Bone width={180} />
          {Array.from({ length: 6 }, (_, column) => <Bone key={column} width={56} />)}
        </div>
      ))}
    </div>
  )
}
