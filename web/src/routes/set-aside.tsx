import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { api, queryClient } from '../api/client.ts'
import type { SetAsideRun } from '../api/types.ts'
import { ProjectFrame, SET_ASIDE, TryAgain } from '../features/project-frame.tsx'
import { counted } from '../lib/figure.ts'
import { Icon } from '../ui/icon.tsx'
import { Age, Moment } from '../ui/moment.tsx'
import { Bone, Empty, messageOf, Problem } from '../ui/states.tsx'
import { Foreign, Id } from '../ui/text.tsx'

/** Runs of a project that could not be copied ten times in a row: why, since when, and the way to try them again. */
export function SetAsidePage() {
  const { projectId } = useParams({ from: '/projects/$projectId/set-aside' })
  return (
    <ProjectFrame projectId={projectId} tab={SET_ASIDE}>
      <SetAsideRuns projectId={projectId} />
    </ProjectFrame>
  )
}

function SetAsideRuns({ projectId }: { projectId: string }) {
  const list = useQuery(api.sync.setAside.queryOptions({ projectId }, { refetchInterval: 5000 }))
  if (list.error && !list.data) return <Problem error={list.error} what="the runs that were set aside" retry={() => void list.refetch()} />
  if (!list.data) return <Bones />
  const { items, total } = list.data
  if (total === 0) {
    return (
      <Empty title="No run is set aside">
        <p>A run that cannot be copied ten times in a row is set aside and listed here with the reason.</p>
      </Empty>
    )
  }
  return (
    <>
      <div className="toolbar">
        <span className="sub">
          {counted(total, 'run')} could not be copied, ten times in a row{items.length < total ? `; the newest ${items.length} are shown` : ''}. Each is tried once a day.
        </span>
        <TryAllAgain projectId={projectId} total={total} />
      </div>
      <div className="panel list set-aside" role="table" aria-label="Runs that were set aside">
        <div role="row" className="list-row list-head">
          {['Run', 'Why', 'Since', 'Next try'].map((label) => <div role="columnheader" key={label}>{label}</div>)}
          <div role="columnheader"><span className="unseen">Try again</span></div>
        </div>
        {items.map((run) => <Row key={run.executionId} run={run} />)}
      </div>
    </>
  )
}

function Row({ run }: { run: SetAsideRun }) {
  return (
    <div role="row" className="list-row">
      <div role="cell" className="cell-name">
        <Link to="/executions/$executionId" params={{ executionId: run.executionId }} data-row><Id text={run.temporalWorkflowId} longest={60} /></Link>
        <div className="sub"><Foreign text={run.workflowName} longest={60} /></div>
      </div>
      <div role="cell" className="cell set-aside-why" data-label="Why"><Foreign text={run.error ?? 'No reason was kept.'} longest={400} /></div>
      <div role="cell" className="cell" data-label="Since">{run.setAsideAt ? <Age iso={run.setAsideAt} /> : '–'}</div>
      <div role="cell" className="cell" data-label="Next try">{run.nextSyncAt ? <Moment iso={run.nextSyncAt} /> : '–'}</div>
      <div role="cell" className="cell"><TryAgain executionId={run.executionId} /></div>
    </div>
  )
}

function TryAllAgain({ projectId, total }: { projectId: string; total: number }) {
  const again = useMutation(api.sync.tryAgainAll.mutationOptions({ onSettled: () => queryClient.invalidateQueries() }))
  return (
    <span className="row" role="status">
      {again.error && <span className="bad-text">{messageOf(again.error)}</span>}
      {again.data && <span className="sub">{counted(again.data.executions, 'run')} {again.data.executions === 1 ? 'is' : 'are'} next in the queue</span>}
      <button type="button" className="button" disabled={again.isPending} onClick={() => again.mutate({ projectId })}>
        <Icon name="retry" /> {again.isPending ? 'Trying…' : total === 1 ? 'Try it again' : 'Try all again'}
      </button>
    </span>
  )
}

function Bones() {
  return (
    <div className="panel list set-aside" aria-hidden="true">
      <div className="list-row list-head" />
      {Array.from({ length: 4 }, (_, at) => <div key={at} className="list-row"><Bone width={180} /><Bone width="80%" /><Bone width={56} /><Bone width={90} /><Bone width={80} /></div>)}
    </div>
  )
}
