import { type FormEvent, useState } from 'react'
import { Field, Group } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { messageOf } from '../../ui/states.tsx'

type Wanted = { name: string; email?: string; password?: string; isAdmin: boolean }

export function NewPerson(props: { isAsking: boolean; error: unknown; onAdd: (wanted: Wanted) => void; onCancel: () => void }) {
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [isAdmin, setAdmin] = useState(false)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    props.onAdd({ name: name.trim(), isAdmin, ...(email && { email: email.trim() }), ...(password && { password }) })
  }
  return (
    <form className="panel account-form" aria-label="New person" onSubmit={submit}>
      <Group title="New person" about="They see nothing until an owner makes them a member of a project.">
        <Field label="Name">
          {(field) => <input {...field} required autoFocus autoComplete="off" maxLength={100} pattern=".*\S.*" value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="E-mail address" hint="By which single sign-on may know them. It can be left out.">
          {(field) => <input {...field} type="email" autoComplete="off" maxLength={254} value={email} onChange={(event) => setEmail(event.target.value)} />}
        </Field>
        <Field label="First password" hint="At least 12 characters; they can change it. Without one they sign in another way.">
          {(field) => <input {...field} type="password" autoComplete="new-password" maxLength={1000} value={password} onChange={(event) => setPassword(event.target.value)} />}
        </Field>
        <label className="check row"><input type="checkbox" checked={isAdmin} onChange={(event) => setAdmin(event.target.checked)} /> They manage people too</label>
      </Group>
      {props.error != null && <div className="notice bad" role="alert"><Icon name="alert" /><span>{messageOf(props.error)}</span></div>}
      <div className="row">
        <button type="submit" className="button primary" disabled={props.isAsking}>Add the person</button>
        <button type="button" className="button" onClick={props.onCancel}>Cancel</button>
      </div>
    </form>
  )
}
