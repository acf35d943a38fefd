import { type FormEvent, useState } from 'react'
import { signInWithPassword } from '../api/sign-in.ts'
import { Field } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'

/** A name and a password; what the server says against them stands above the button. */
export function SignInForm({ onSignedIn }: { onSignedIn: () => void }) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [refusal, setRefusal] = useState<string | null>(null)
  const [isAsking, setAsking] = useState(false)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setAsking(true)
    setRefusal(null)
    const signIn = await signInWithPassword(name, password)
    setAsking(false)
    if (signIn.state === 'signed_in') return onSignedIn()
    setPassword('')
    setRefusal(signIn.state === 'refused' ? signIn.reason : null)
  }
  return (
    <form className="sign-in-form" aria-label="Sign in" onSubmit={(event) => void submit(event)}>
      <Field label="Name">
        {(field) => <input {...field} required autoFocus autoComplete="username" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Field label="Password">
        {(field) => <input {...field} required type="password" autoComplete="current-password" maxLength={1000} value={password} onChange={(event) => setPassword(event.target.value)} />}
      </Field>
      {refusal && (
        <div className="notice bad" role="alert">
          <Icon name="alert" />
          <span>{refusal}</span>
        </div>
      )}
      <button type="submit" className="button primary" disabled={isAsking}>{isAsking ? 'Signing in…' : 'Sign in'}</button>
    </form>
  )
}
