import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, queryClient } from '../../api/client.ts'
import type { Account } from '../../api/types.ts'
import { Field, Group } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { messageOf } from '../../ui/states.tsx'

/** Sets the password; every other browser is signed out by it, and the form says so before. */
export function PasswordPart({ account }: { account: Account }) {
  const [current, setCurrent] = useState('')
  const [fresh, setFresh] = useState('')
  const [endsTokens, setEndsTokens] = useState(false)
  const change = useMutation(
    api.account.changePassword.mutationOptions({
      onSuccess: async () => {
        setCurrent('')
        setFresh('')
        await queryClient.invalidateQueries()
      },
    }),
  )
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    change.mutate({ new: fresh, endsTokens, ...(account.hasPassword && { current }) })
  }
  return (
    <section aria-label="Password">
      <h2>Password</h2>
      <form className="panel account-form" aria-label="Password" onSubmit={submit}>
        <Group title={account.hasPassword ? 'Change your password' : 'Set a password'} about="All other browsers that you are signed in with are signed out.">
          <input type="text" autoComplete="username" value={account.name} readOnly hidden />
          {account.hasPassword && (
            <Field label="Current password">
              {(field) => <input {...field} required type="password" autoComplete="current-password" maxLength={1000} value={current} onChange={(event) => setCurrent(event.target.value)} />}
            </Field>
          )}
          <Field label="New password" hint="At least 12 characters; four unrelated words are a good one.">
            {(field) => <input {...field} required type="password" autoComplete="new-password" maxLength={1000} value={fresh} onChange={(event) => setFresh(event.target.value)} />}
          </Field>
          <label className="check wide">
            <input type="checkbox" checked={endsTokens} onChange={(event) => setEndsTokens(event.target.checked)} /> End my API tokens, too: programs that use them need new ones
          </label>
        </Group>
        {change.error && <div className="notice bad" role="alert"><Icon name="alert" /><span>{messageOf(change.error)}</span></div>}
        {change.isSuccess && <div className="notice info" role="status"><Icon name="check" /><span>Your password is set, and all other browsers are signed out{change.variables.endsTokens ? '. Your API tokens have ended; one that is listed still was made by “watchglass up” and ends with its next start' : ''}.</span></div>}
        <div className="row"><button type="submit" className="button" disabled={change.isPending}>{account.hasPassword ? 'Change the password' : 'Set the password'}</button></div>
      </form>
    </section>
  )
}
