import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import type { AuditLine } from '../api/types.ts'
import { Shell } from '../features/shell.tsx'
import { tellInstallation, whoDid } from '../lib/installation.ts'
import { Moment } from '../ui/moment.tsx'
import { Bone, Empty, Problem } from '../ui/states.tsx'
import { Foreign } from '../ui/text.tsx'
import '../styles/account.css'

const KINDS = { signIns: 'Signing in and out', people: 'People', tokens: 'Tokens' } as const

type Kind = keyof typeof KINDS

/** Who signed in, and what was done to people and tokens, newest first; for administrators. */
export function PeopleLogPage() {
  const [kind, setKind] = useState<Kind | ''>('')
  return (
    <Shell title="Log" crumbs={[{ label: 'People', to: '/people' }, { label: 'Log' }]}>
      <div className="title">
        <h1>Log</h1>
        <span className="sub">who signed in, and what was done to people and tokens</span>
      </div>
      <div className="toolbar">
        <label className="row">What
          <select className="select" value={kind} onChange={(event) => setKind(event.target.value as Kind | '')}>
            <option value="">Everything</option>
            {Object.entries(KINDS).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          </select>
        </label>
      </div>
      <Lines kind={kind} />
    </Shell>
  )
}

function Lines({ kind }: { kind: Kind | '' }) {
  const input = { limit: 50, ...(kind && { kind }) }
  const pages = useInfiniteQuery(api.audit.installation.infiniteQueryOptions(input, { getNextPageParam: (page) => page.nextCursor ?? undefined }))
  if (pages.error && !pages.data) return <Problem error={pages.error} what="the log of this Watchglass" retry={() => void pages.refetch()} />
  if (!pages.data) return <div className="panel account-form" aria-hidden="true"><Bone width="80%" /><Bone width="70%" /><Bone width="75%" /></div>
  const lines = pages.data.pages.flatMap((page) => page.items)
  if (lines.length === 0) {
    return (
      <Empty title="Nothing like that was done yet">
        <p>Who signs in stands here, and who adds people, changes what they may, and makes tokens.</p>
      </Empty>
    )
  }
  return (
    <>
      <ul className="panel account-items activity" aria-label="Log">
        {lines.map((line) => <Line key={line.id} line={line} />)}
      </ul>
      {pages.hasNextPage && (
        <div className="pager">
          <button type="button" className="button" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>{pages.isFetchingNextPage ? 'Loading…' : 'Earlier'}</button>
        </div>
      )}
    </>
  )
}

function Line({ line }: { line: AuditLine }) {
  const { words, thing, more } = tellInstallation(line)
  return (
    <li className="account-item">
      <div className="grow">
        <span><strong><Foreign text={whoDid(line)} longest={60} /></strong> {words}{thing !== null && <> <b><Foreign text={thing} longest={80} /></b></>}</span>
        {more !== null && <span className="sub"><Foreign text={more} longest={200} /></span>}
      </div>
      <span className="sub"><Moment iso={line.at} /></span>
    </li>
  )
}
