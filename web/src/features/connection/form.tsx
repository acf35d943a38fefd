import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api } from '../../api/client.ts'
import type { ConnectionDetails } from '../../api/types.ts'
import { draftOf, settingsOf } from '../../lib/connection.ts'
import { Icon } from '../../ui/icon.tsx'
import { messageOf } from '../../ui/states.tsx'
import { ConnectionFields } from './fields.tsx'
import { TestResult } from './test-result.tsx'
import '../../styles/connection.css'

export type Settings = ReturnType<typeof settingsOf>

/** The settings of a connection, to be tested and saved. */
export function ConnectionForm(props: {
  stored: ConnectionDetails | null
  label: string
  save: string
  saving: boolean
  error: unknown
  onSave: (settings: Settings) => void
  onCancel: () => void
  before?: ReactNode
}) {
  const [draft, setDraft] = useState(() => draftOf(props.stored))
  const test = useMutation(api.connection.test.mutationOptions())
  const run = (form: HTMLFormElement | null): void => {
    if (!form?.reportValidity()) return
    test.mutate({ connectionId: props.stored?.id ?? null, settings: settingsOf(draft, props.stored) })
  }
  return (
    <form
      className="panel connection-form"
      aria-label={props.label}
      onSubmit={(event) => {
        event.preventDefault()
        props.onSave(settingsOf(draft, props.stored))
      }}
    >
      {props.before}
      <ConnectionFields draft={draft} stored={props.stored} onChange={(change) => setDraft((before) => ({ ...before, ...change }))} />
      {test.isPending && <p role="status">Trying every call that is needed…</p>}
      {test.error && !test.isPending && <Refused error={test.error} />}
      {test.data && !test.isPending && <TestResult test={test.data} />}
      {props.error !== null && <Refused error={props.error} />}
      <div className="row">
        <button type="submit" className="button primary" disabled={props.saving}>{props.saving ? 'Saving…' : props.save}</button>
        <button type="button" className="button" disabled={test.isPending} onClick={(event) => run(event.currentTarget.form)}>
          <Icon name="sync" /> {test.isPending ? 'Testing…' : 'Test'}
        </button>
        <button type="button" className="button" onClick={props.onCancel}>Cancel</button>
      </div>
    </form>
  )
}

function Refused({ error }: { error: unknown }) {
  return (
    <div className="notice bad" role="alert">
      <Icon name="alert" />
      <span>{messageOf(error)}</span>
    </div>
  )
}
