import { useState } from 'react'
import type { NewService } from '../../api/trpc.gen.ts'
import type { Service } from '../../api/types.ts'
import { draftOf, savedOf, type ServiceDraft, type ServiceKind, TLS } from '../../lib/service.ts'
import { Field, Group } from '../../ui/field.tsx'
import { Refusal } from './refusal.tsx'

type Part = { draft: ServiceDraft; hasSecret: boolean; onChange: (change: Partial<ServiceDraft>) => void }

/** A service, to be entered or changed. */
export function ServiceForm(props: {
  stored: Service | null
  saving: boolean
  error: unknown
  onSave: (saved: Omit<NewService, 'projectId'>) => void
  onCancel: () => void
}) {
  const [draft, setDraft] = useState(() => draftOf(props.stored))
  const part = { draft, hasSecret: props.stored?.hasSecret ?? false, onChange: (change: Partial<ServiceDraft>) => setDraft((before) => ({ ...before, ...change })) }
  return (
    <form
      className="panel stack"
      aria-label={props.stored ? `Change ${props.stored.name}` : 'Add a service'}
      onSubmit={(event) => {
        event.preventDefault()
        props.onSave(savedOf(draft))
      }}
    >
      <Group title={props.stored ? 'Change the service' : 'A new service'} about="Nodes name it; its password stays here, encrypted, and is never shown again.">
        <Field label="Name" hint="As nodes call it">
          {(field) => <input {...field} required maxLength={100} placeholder="shop" value={draft.name} onChange={(event) => part.onChange({ name: event.target.value })} />}
        </Field>
        <Field label="Kind">
          {(field) => (
            <select {...field} disabled={props.stored !== null} value={draft.kind} onChange={(event) => part.onChange({ kind: event.target.value as ServiceKind })}>
              <option value="http">Web service (HTTP)</option>
              <option value="postgres">PostgreSQL database</option>
            </select>
          )}
        </Field>
        {draft.kind === 'http' ? <WebService {...part} /> : <Database {...part} />}
        {part.hasSecret && (
          <label className="check">
            <input type="checkbox" checked={draft.forgets} onChange={(event) => part.onChange({ forgets: event.target.checked })} /> Forget what is stored for signing in
          </label>
        )}
      </Group>
      <Refusal error={props.error} />
      <div className="row">
        <button type="submit" className="button primary" disabled={props.saving}>{props.saving ? 'Saving…' : props.stored ? 'Save' : 'Add the service'}</button>
        <button type="button" className="button" onClick={props.onCancel}>Cancel</button>
      </div>
    </form>
  )
}

const keepHint = (hasSecret: boolean, otherwise: string): string => (hasSecret ? 'Leave it empty to keep what is stored' : otherwise)

function WebService({ draft, hasSecret, onChange }: Part) {
  return (
    <>
      <Field label="Address" hint="What the path of a request goes behind" isWide>
        {(field) => <input {...field} type="url" required pattern="https?://.+" title="A URL that begins with http:// or https://" placeholder="https://shop.example/api" value={draft.baseUrl} onChange={(event) => onChange({ baseUrl: event.target.value })} />}
      </Field>
      <Field label="Header">
        {(field) => <input {...field} required pattern="[A-Za-z0-9_.\-]+" title="letters, digits, -, _ and ." value={draft.headerName} onChange={(event) => onChange({ headerName: event.target.value })} />}
      </Field>
      <Field label="Its value" hint={keepHint(hasSecret, 'For instance: Bearer, a blank, and the token. Empty: nothing')}>
        {(field) => <input {...field} type="password" autoComplete="off" disabled={draft.forgets} value={draft.headerValue} onChange={(event) => onChange({ headerValue: event.target.value })} />}
      </Field>
    </>
  )
}

function Database({ draft, hasSecret, onChange }: Part) {
  return (
    <>
      <Field label="Host">
        {(field) => <input {...field} required placeholder="db.example" value={draft.host} onChange={(event) => onChange({ host: event.target.value })} />}
      </Field>
      <Field label="Port">
        {(field) => <input {...field} type="number" required min={1} max={65535} value={draft.port} onChange={(event) => onChange({ port: event.target.value })} />}
      </Field>
      <Field label="Database">
        {(field) => <input {...field} required value={draft.database} onChange={(event) => onChange({ database: event.target.value })} />}
      </Field>
      <Field label="Encryption">
        {(field) => (
          <select {...field} value={draft.tls} onChange={(event) => onChange({ tls: event.target.value as ServiceDraft['tls'] })}>
            {TLS.map(({ tls, label }) => <option key={tls} value={tls}>{label}</option>)}
          </select>
        )}
      </Field>
      <Field label="User" hint="One that may only do what the nodes need">
        {(field) => <input {...field} required autoComplete="off" value={draft.user} onChange={(event) => onChange({ user: event.target.value })} />}
      </Field>
      <Field label="Password" hint={keepHint(hasSecret, 'Stored encrypted')}>
        {(field) => <input {...field} type="password" autoComplete="new-password" disabled={draft.forgets} value={draft.password} onChange={(event) => onChange({ password: event.target.value })} />}
      </Field>
    </>
  )
}
