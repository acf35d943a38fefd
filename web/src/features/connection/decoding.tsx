import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api, queryClient } from '../../api/client.ts'
import type { ConnectionDetails } from '../../api/types.ts'
import { messageOf } from '../../ui/states.tsx'
import { Field } from '../../ui/field.tsx'

/** When values are decoded: while somebody looks, or already while they are copied, after a warning. */
export function Decoding({ connection }: { connection: ConnectionDetails }) {
  const [asking, setAsking] = useState(false)
  const [token, setToken] = useState('')
  const set = useMutation(
    api.connection.decodeAtSync.mutationOptions({
      onSuccess: async () => {
        setAsking(false)
        setToken('')
        await queryClient.invalidateQueries()
      },
    }),
  )
  if (connection.decodesAtSync) {
    return (
      <>
        <span>while they are copied</span>{' '}
        <button type="button" className="plain" disabled={set.isPending} onClick={() => set.mutate({ connectionId: connection.id, decodes: false })}>Only when somebody looks</button>
        {set.error && <p className="bad-text" role="alert">{messageOf(set.error)}</p>}
      </>
    )
  }
  if (!asking) {
    return (
      <>
        <span>when somebody looks</span>{' '}
        <button type="button" className="plain" onClick={() => setAsking(true)}>Already while they are copied…</button>
      </>
    )
  }
  return (
    <form
      className="decoding"
      aria-label="Decode values while they are copied"
      onSubmit={(event) => {
        event.preventDefault()
        set.mutate({ connectionId: connection.id, decodes: true, codecToken: token.trim() || null })
      }}
    >
      <p className="warn-text">
        Decoded values are then readable in the database, in its backups and in exports by everybody who may see the project, whether or not they
        could use the codec server.
      </p>
      <Field label="Token for the codec server" hint="Empty if it wants none; stored encrypted, sent to this codec server alone">
        {(field) => <input {...field} type="password" autoComplete="off" value={token} onChange={(event) => setToken(event.target.value)} />}
      </Field>
      {set.error && <p className="bad-text" role="alert">{messageOf(set.error)}</p>}
      <div className="row">
        <button type="submit" className="button primary" disabled={set.isPending}>Decode while copying</button>
        <button type="button" className="button" onClick={() => setAsking(false)}>Cancel</button>
      </div>
    </form>
  )
}
