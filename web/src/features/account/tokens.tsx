import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, queryClient } from '../../api/client.ts'
import type { Token } from '../../api/types.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Field, Group } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Age, Moment } from '../../ui/moment.tsx'
import { Bone, messageOf, Problem } from '../../ui/states.tsx'
import { Foreign } from '../../ui/text.tsx'

const SCOPES: Record<Token['scope'], string> = { read: 'may read', sync: 'may read and copy from Temporal', admin: 'may do everything that you may' }

/** The tokens of the person's programs: made, shown once, revoked. */
export function TokensPart() {
  const tokens = useQuery(api.token.list.queryOptions())
  const again = () => queryClient.invalidateQueries(api.token.list.queryFilter())
  const [isMaking, setMaking] = useState(false)
  const create = useMutation(api.token.create.mutationOptions({ onSuccess: async () => { setMaking(false); await again() } }))
  const revoke = useMutation(api.token.revoke.mutationOptions({ onSuccess: again }))
  return (
    <section aria-label="API tokens">
      <div className="row">
        <h2>API tokens</h2>
        <span className="sub">for your programs</span>
        <span className="grow" />
        {!isMaking && <button type="button" className="button" onClick={() => { create.reset(); setMaking(true) }}>New token</button>}
      </div>
      {isMaking && <NewToken isAsking={create.isPending} error={create.error} onMake={(wanted) => create.mutate(wanted)} onCancel={() => setMaking(false)} />}
      {create.data && <MadeToken token={create.data.token} onDone={() => create.reset()} />}
      {revoke.error && <div className="notice bad" role="alert"><Icon name="alert" /><span>{messageOf(revoke.error)}</span></div>}
      {tokens.error && !tokens.data && <Problem error={tokens.error} what="your tokens" retry={() => void tokens.refetch()} />}
      {tokens.isPending && <div className="panel account-form" aria-hidden="true"><Bone width={220} /><Bone width={160} /></div>}
      {tokens.data?.items.length === 0 && !isMaking && !create.data && (
        <div className="panel account-form"><p className="sub">You have no tokens. A token lets a program do what you may, or a part of it, until it expires.</p></div>
      )}
      {tokens.data && tokens.data.items.length > 0 && (
        <ul className="panel account-items">
          {tokens.data.items.map((token) => <TokenItem key={token.id} token={token} isBusy={revoke.isPending} onRevoke={() => revoke.mutate({ tokenId: token.id })} />)}
        </ul>
      )}
    </section>
  )
}

function TokenItem({ token, isBusy, onRevoke }: { token: Token; isBusy: boolean; onRevoke: () => void }) {
  const [isSure, setSure] = useState(false)
  return (
    <li className="account-item">
      <div className="grow">
        <div className="row"><strong><Foreign text={token.name} longest={60} /></strong><span className="pill mute">{token.scope}</span></div>
        <span className="sub">
          {SCOPES[token.scope]}, in {token.projectName ? <Foreign text={token.projectName} longest={40} /> : 'all your projects'} ·{' '}
          {token.lastUsedAt ? <>last used <Age iso={token.lastUsedAt} /></> : 'never used'} · until <Moment iso={token.expiresAt} />
        </span>
      </div>
      {isSure ? (
        <>
          <button type="button" className="button" onClick={() => setSure(false)}>Keep it</button>
          <button type="button" className="button primary" disabled={isBusy} onClick={onRevoke}>Revoke it</button>
        </>
      ) : (
        <button type="button" className="button" aria-label={`Revoke ${token.name}`} onClick={() => setSure(true)}>Revoke</button>
      )}
    </li>
  )
}

function MadeToken({ token, onDone }: { token: string; onDone: () => void }) {
  return (
    <div className="panel account-form" role="status">
      <p>This is the token. Copy it now: it is not shown again.</p>
      <div className="shown-once"><code>{token}</code><span className="grow" /><CopyButton text={token} label="the token" /></div>
      <div className="row"><button type="button" className="button" onClick={onDone}>Done</button></div>
    </div>
  )
}

type Wanted = { name: string; scope: Token['scope']; expiresInDays: number; projectId?: string }

function NewToken(props: { isAsking: boolean; error: unknown; onMake: (wanted: Wanted) => void; onCancel: () => void }) {
  const projects = useQuery(api.project.list.queryOptions())
  const [name, setName] = useState('')
  const [scope, setScope] = useState<Token['scope']>('read')
  const [projectId, setProjectId] = useState('')
  const [days, setDays] = useState(90)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    props.onMake({ name: name.trim(), scope, expiresInDays: days, ...(projectId && { projectId }) })
  }
  return (
    <form className="panel account-form" aria-label="New token" onSubmit={submit}>
      <Group title="New token">
        <Field label="What it is for">
          {(field) => <input {...field} required autoFocus maxLength={100} pattern=".*\S.*" value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="What it may do">
          {(field) => (
            <select {...field} value={scope} onChange={(event) => setScope(event.target.value as Token['scope'])}>
              <option value="read">Read</option>
              <option value="sync">Read, and copy runs from Temporal</option>
              <option value="admin">Everything that you may</option>
            </select>
          )}
        </Field>
        <Field label="In which projects">
          {(field) => (
            <select {...field} value={projectId} onChange={(event) => setProjectId(event.target.value)}>
              <option value="">All your projects</option>
              {projects.data?.items.map((project) => <option key={project.id} value={project.id}>{project.name}</option>)}
            </select>
          )}
        </Field>
        <Field label="For how long">
          {(field) => (
            <select {...field} value={days} onChange={(event) => setDays(Number(event.target.value))}>
              {[7, 30, 90, 365].map((each) => <option key={each} value={each}>{each === 365 ? 'A year' : `${each} days`}</option>)}
            </select>
          )}
        </Field>
      </Group>
      {props.error != null && <div className="notice bad" role="alert"><Icon name="alert" /><span>{messageOf(props.error)}</span></div>}
      <div className="row">
        <button type="submit" className="button primary" disabled={props.isAsking}>Make the token</button>
        <button type="button" className="button" onClick={props.onCancel}>Cancel</button>
      </div>
    </form>
  )
}
