import { type FormEvent, useState } from 'react'
import type { User } from '../../api/types.ts'
import { Field } from '../../ui/field.tsx'
import { Age } from '../../ui/moment.tsx'
import { Foreign } from '../../ui/text.tsx'

export type Change = { isAdmin?: boolean; isDisabled?: boolean; password?: string }

export function Person(props: { user: User; isSelf: boolean; isBusy: boolean; onChange: (change: Change) => void }) {
  const { user } = props
  const [isSetting, setSetting] = useState(false)
  return (
    <li className="account-item" aria-label={user.name}>
      <div className="grow">
        <div className="row">
          <strong><Foreign text={user.name} longest={60} /></strong>
          {props.isSelf && <span className="pill mute">you</span>}
          {user.isAdmin && <span className="pill mute">administrator</span>}
          {user.isDisabled && <span className="pill bad">disabled</span>}
        </div>
        <span className="sub">
          {user.email && <><Foreign text={user.email} longest={80} /> · </>}
          {waysOf(user)} · {user.lastSeenAt ? <>last seen <Age iso={user.lastSeenAt} /></> : 'never seen'}
        </span>
        {isSetting && <NewPassword name={user.name} onSet={(password) => { props.onChange({ password }); setSetting(false) }} onCancel={() => setSetting(false)} />}
      </div>
      {!isSetting && !user.isDisabled && <button type="button" className="button" aria-label={`Set the password of ${user.name}`} onClick={() => setSetting(true)}>Set password</button>}
      {!user.isDisabled && (
        <button type="button" className="button" disabled={props.isBusy} aria-label={user.isAdmin ? `Take administration away from ${user.name}` : `Make administrator: ${user.name}`} onClick={() => props.onChange({ isAdmin: !user.isAdmin })}>
          {user.isAdmin ? 'Take administration away' : 'Make administrator'}
        </button>
      )}
      {!props.isSelf && (
        <button type="button" className="button" disabled={props.isBusy} aria-label={`${user.isDisabled ? 'Let in' : 'Disable'} ${user.name}`} onClick={() => props.onChange({ isDisabled: !user.isDisabled })}>
          {user.isDisabled ? 'Let in again' : 'Disable'}
        </button>
      )}
    </li>
  )
}

function waysOf(user: User): string {
  const ways = [...(user.hasPassword ? ['a password'] : []), ...(user.issuers.length > 0 ? ['single sign-on'] : [])]
  return ways.length > 0 ? `signs in with ${ways.join(' or ')}` : 'signs in with a link'
}

function NewPassword({ name, onSet, onCancel }: { name: string; onSet: (password: string) => void; onCancel: () => void }) {
  const [password, setPassword] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onSet(password)
  }
  return (
    <form aria-label={`New password of ${name}`} className="stack" onSubmit={submit}>
      <Field label="New password" hint="They are signed out everywhere, and their API tokens end: programs that use them need new ones.">
        {(field) => <input {...field} required autoFocus type="password" autoComplete="new-password" maxLength={1000} value={password} onChange={(event) => setPassword(event.target.value)} />}
      </Field>
      <div className="row">
        <button type="submit" className="button primary">Set the password</button>
        <button type="button" className="button" onClick={onCancel}>Cancel</button>
      </div>
    </form>
  )
}
