import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../api/client.ts'
import type { AuditLine } from '../api/types.ts'
import { Thing } from '../features/activity/thing.tsx'
import { ProjectFrame } from '../features/project-frame.tsx'
import { tell } from '../lib/activity.ts'
import { Moment } from '../ui/moment.tsx'
import { Bone, Empty, Problem } from '../ui/states.tsx'
import { Foreign } from '../ui/text.tsx'
import '../styles/account.css'

const KINDS = { runs: 'Runs', workflows: 'Workflows', settings: 'Settings', members: 'Members', values: 'Values seen' } as const

type Kind = keyof typeof KINDS

/** Who did what in a project, newest first. */
export function ActivityPage() {
  const { projectId } = useParams({ from: '/projects/$projectId/activity' })
  const [kind, setKind] = useState<Kind | ''>('')
  const [by, setBy] = useState('')
  const people = useQuery(api.audit.people.queryOptions({ projectId }))
  return (
    <ProjectFrame projectId={projectId} tab="Activity">
      <div className="toolbar">
        <label className="row">What
          <select className="select" value={kind} onChange={(event) => setKind(event.target.value as Kind | '')}>
            <option value="">Everything that was changed</option>
            {Object.entries(KINDS).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          </select>
        </label>
        <label className="row">Who
          <select className="select" value={by} onChange={(event) => setBy(event.target.value)}>
            <option value="">Everybody</option>
            {(people.data?.names ?? []).map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
      </div>
      <Lines projectId={projectId} kind={kind} by={by} />
    </ProjectFrame>
  )
}

function Lines({ projectId, kind, by }: { projectId: string; kind: Kind | ''; by: string }) {
  const input = { projectId, limit: 50, ...(kind && { kind }), ...(by && { by }) }
  const pages = useInfiniteQuery(api.audit.list.infiniteQueryOptions(input, { getNextPageParam: (page) => page.nextCursor ?? undefined }))
  if (pages.error && !pages.data) return <Problem error={pages.error} what="what was done here" retry={() => void pages.refetch()} />
  if (!pages.data) return <div className="panel account-form" aria-hidden="true"><Bone width="80%" /><Bone width="70%" /><Bone width="75%" /></div>
  const lines = pages.data.pages.flatMap((page) => page.items)
  if (lines.length === 0) {
    return (
      <Empty title={kind || by ? 'Nothing like that was done' : 'Nothing was done here yet'}>
        <p>What people change in this project stands here: who, what and when. So does who saw the values of a run.</p>
      </Empty>
    )
  }
  return (
    <>
      <ul className="panel account-items activity" aria-label="Activity">
        {lines.map((line) => <Line key={line.id} line={line} projectId={projectId} />)}
      </ul>
      {pages.hasNextPage && (
        <div className="pager">
          <button type="button" className="button" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>{pages.isFetchingNextPage ? 'Loading…' : 'Earlier'}</button>
        </div>
      )}
    </>
  )
}

function Line({ line, projectId }: { line: AuditLine; projectId: string }) {
  const { words, thing, more } = tell(line)
  return (
    <li className="account-item">
      <div className="grow">
        <span><strong><Foreign text={line.by ?? 'Somebody'} longest={60} /></strong> {words} <Thing line={line} thing={thing} projectId={projectId} /></span>
        {more !== null && <span className="sub"><Foreign text={more} longest={200} /></span>}
      </div>
      <span className="sub"><Moment iso={line.at} /></span>
    </li>
  )
}
