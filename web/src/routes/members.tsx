import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api, queryClient } from '../api/client.ts'
import type { Member } from '../api/types.ts'
import { ProjectFrame } from '../features/project-frame.tsx'
import { Field, Group } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import { Bone, Empty, messageOf, Problem } from '../ui/states.tsx'
import { Foreign } from '../ui/text.tsx'
import '../styles/account.css'

type Role = Member['role']

const ROLES: { role: Role; label: string; about: string }[] = [
  { role: 'owner', label: 'Owner', about: 'everything, members too' },
  { role: 'editor', label: 'Editor', about: 'settings, workflows and runs' },
  { role: 'viewer', label: 'Viewer', about: 'looks, and has runs copied again' },
]

/** Who may see a project, and what each of them may do: for its owners. */
export function MembersPage() {
  const { projectId } = useParams({ from: '/projects/$projectId/members' })
  const project = useQuery(api.project.get.queryOptions({ projectId }))
  const isOwner = project.data?.role === 'owner'
  return (
    <ProjectFrame projectId={projectId} tab="Members">
      {project.data && !isOwner && <Empty title="Only owners see the members"><p>Ask an owner of this project when somebody should be let in, or may do more.</p></Empty>}
      {project.isPending && <Bones />}
      {isOwner && <Members projectId={projectId} />}
    </ProjectFrame>
  )
}

function Members({ projectId }: { projectId: string }) {
  const members = useQuery(api.member.list.queryOptions({ projectId }))
  const again = async (): Promise<void> => { await queryClient.invalidateQueries() }
  const add = useMutation(api.member.add.mutationOptions({ onSuccess: again }))
  const update = useMutation(api.member.update.mutationOptions({ onSettled: again }))
  const remove = useMutation(api.member.remove.mutationOptions({ onSettled: again }))
  if (members.error && !members.data) return <Problem error={members.error} what="the members" retry={() => void members.refetch()} />
  if (!members.data) return <Bones />
  const error = update.error ?? remove.error
  const isBusy = update.isPending || remove.isPending
  return (
    <div className="account">
      {error && <div className="notice bad" role="alert"><Icon name="alert" /><span>{messageOf(error)}</span></div>}
      <ul className="panel account-items" aria-label="Members">
        {members.data.items.map((member) => (
          <Line
            key={member.userId}
            member={member}
            isBusy={isBusy}
            onChange={(change) => update.mutate({ projectId, userId: member.userId, role: member.role, seesPayloads: member.seesPayloads, ...change })}
            onRemove={() => remove.mutate({ projectId, userId: member.userId })}
          />
        ))}
      </ul>
      <NewMember isAsking={add.isPending} error={add.error} onAdd={(wanted, done) => add.mutate({ projectId, ...wanted }, { onSuccess: done })} />
    </div>
  )
}

function Line(props: { member: Member; isBusy: boolean; onChange: (change: { role?: Role; seesPayloads?: boolean }) => void; onRemove: () => void }) {
  const { member, isBusy } = props
  const [isAsking, setAsking] = useState(false)
  return (
    <li className="account-item member" aria-label={member.name}>
      <div className="grow">
        <div className="row">
          <strong><Foreign text={member.name} longest={60} /></strong>
          {member.isYou && <span className="pill mute">you</span>}
          {member.fromGroup !== null && <span className="pill mute">group <Foreign text={member.fromGroup} longest={40} /></span>}
        </div>
        <span className="sub">
          {ROLES.find(({ role }) => role === member.role)?.about}
          {member.fromGroup !== null && (isAsking ? ' · comes back with their next sign-in while they are in the group' : ' · follows the group at each sign-in until it is changed here')}
        </span>
      </div>
      <label className="check row">
        <input type="checkbox" checked={member.seesPayloads} disabled={isBusy || member.role === 'owner'} aria-label={`${member.name} sees values`} onChange={(event) => props.onChange({ seesPayloads: event.target.checked })} /> Sees values
      </label>
      <select className="select" aria-label={`Role of ${member.name}`} value={member.role} disabled={isBusy} onChange={(event) => props.onChange({ role: event.target.value as Role })}>
        {ROLES.map(({ role, label }) => <option key={role} value={role}>{label}</option>)}
      </select>
      {isAsking ? (
        <span className="row">
          <button type="button" className="button" disabled={isBusy} onClick={() => { setAsking(false); props.onRemove() }}>{member.isYou ? 'Leave the project' : member.fromGroup === null ? 'Remove for good' : 'Remove'}</button>
          <button type="button" className="button" onClick={() => setAsking(false)}>Cancel</button>
        </span>
      ) : (
        <button type="button" className="button" disabled={isBusy} aria-label={`Remove ${member.name}`} onClick={() => setAsking(true)}>Remove</button>
      )}
    </li>
  )
}

type Wanted = { name: string; role: Role; seesPayloads: boolean }

function NewMember(props: { isAsking: boolean; error: unknown; onAdd: (wanted: Wanted, done: () => void) => void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [sees, setSees] = useState(true)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    props.onAdd({ name: name.trim(), role, seesPayloads: sees }, () => setName(''))
  }
  return (
    <form className="panel account-form" aria-label="New member" onSubmit={submit}>
      <Group title="New member" about="Somebody who can sign in to this Watchglass already.">
        <Field label="Name" hint="What they sign in as.">
          {(field) => <input {...field} required autoComplete="off" maxLength={200} pattern=".*\S.*" value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="Role">
          {(field) => (
            <select {...field} className="select" value={role} onChange={(event) => setRole(event.target.value as Role)}>
              {ROLES.map((one) => <option key={one.role} value={one.role}>{`${one.label}: ${one.about}`}</option>)}
            </select>
          )}
        </Field>
        <label className="check wide">
          <input type="checkbox" checked={sees || role === 'owner'} disabled={role === 'owner'} onChange={(event) => setSees(event.target.checked)} /> They see the values that runs were given and gave back
        </label>
      </Group>
      {props.error != null && <div className="notice bad" role="alert"><Icon name="alert" /><span>{messageOf(props.error)}</span></div>}
      <div className="row"><button type="submit" className="button primary" disabled={props.isAsking}>Add the member</button></div>
    </form>
  )
}

function Bones() {
  return <div className="panel account-form" aria-hidden="true"><Bone width={220} /><Bone width={160} /><Bone width={200} /></div>
}
