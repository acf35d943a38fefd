import { useQuery } from '@tanstack/react-query'
import { Fragment } from 'react'
import { api } from '../../api/client.ts'
import type { ConnectionDetails } from '../../api/types.ts'
import { type Draft, keepsSecrets, LEVELS, type SignInKind, storedSignIn } from '../../lib/connection.ts'
import { Field, Group } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Foreign } from '../../ui/text.tsx'

type Props = { draft: Draft; stored: ConnectionDetails | null; onChange: (change: Partial<Draft>) => void }

/** Where it is, how to sign in, what to look at, how hard, and links: in the order in which people know it. */
export function ConnectionFields(props: Props) {
  return (
    <>
      <Place {...props} />
      <SignIn {...props} />
      <Look {...props} />
      <Pace {...props} />
      <Links {...props} />
    </>
  )
}

function Place({ draft, stored, onChange }: Props) {
  const isFixed = stored?.isEmbedded ?? false
  return (
    <Group title="Where it is" about={isFixed ? 'The Temporal that Watchglass starts itself stays where it is.' : undefined}>
      {!isFixed && <PlaceRule isStored={stored !== null} />}
      <Field label="Address" hint="host:port of the gRPC frontend">
        {(field) => <input {...field} required disabled={isFixed} placeholder="temporal.example:7233" pattern="\S+:\d+" title="host:port, such as temporal.example:7233" value={draft.address} onChange={(event) => onChange({ address: event.target.value })} />}
      </Field>
      <Field label="Namespace">
        {(field) => <input {...field} required disabled={isFixed} placeholder="default" value={draft.namespace} onChange={(event) => onChange({ namespace: event.target.value })} />}
      </Field>
    </Group>
  )
}

/** Where the person may not say that a Temporal is, told before they try, with what to do. */
function PlaceRule({ isStored }: { isStored: boolean }) {
  const me = useQuery(api.session.me.queryOptions(undefined, { staleTime: 60_000 }))
  if (!me.data || me.data.places.anywhere) return null
  const hosts = me.data.places.hosts
  return (
    <div className="notice info wide place-rule" role="note">
      <Icon name="info" />
      <div>
        <p>
          {isStored ? 'It can stay where it is, or be moved to ' : 'You can connect '}
          {hosts.map((host, index) => <Fragment key={host}>{index > 0 && (index === hosts.length - 1 ? ' and ' : ', ')}<code><Foreign text={host} longest={80} /></code></Fragment>)}.
        </p>
        <p>For another Temporal ask an administrator of this installation: they can connect it once they are an editor of the project, or list it for everybody in <code>WATCHGLASS_TEMPORAL_HOSTS</code> if it lets nobody in without credentials. The same goes for the address of its HTTP API.</p>
      </div>
    </div>
  )
}

const SIGN_INS: { kind: SignInKind; label: string }[] = [
  { kind: 'none', label: 'Nothing' },
  { kind: 'apiKey', label: 'An API key' },
  { kind: 'certificate', label: 'A client certificate' },
  { kind: 'header', label: 'A header of one’s own server' },
]

function SignIn({ draft, stored, onChange }: Props) {
  const kept = keepsSecrets(draft, stored)
  const choose = (signIn: SignInKind): void => onChange({ signIn, ...((signIn === 'apiKey' || signIn === 'certificate') && { tls: true }) })
  return (
    <Group title="Sign-in" about="What is entered here is stored encrypted, sent to this address alone, and never shown again. A key that may only read is enough.">
      <Field label="Signs in with" isWide={draft.signIn === 'certificate'}>
        {(field) => (
          <select {...field} value={draft.signIn} onChange={(event) => choose(event.target.value as SignInKind)}>
            {SIGN_INS.map(({ kind, label }) => <option key={kind} value={kind}>{label}</option>)}
          </select>
        )}
      </Field>
      <Secrets draft={draft} onChange={onChange} kept={kept} />
      {stored && draft.signIn !== 'none' && <StoredNote draft={draft} stored={stored} kept={kept} />}
      <label className="check">
        <input type="checkbox" checked={draft.tls} onChange={(event) => onChange({ tls: event.target.checked })} /> Encrypt the connection (TLS)
      </label>
      {draft.tls && <Trust draft={draft} stored={stored} onChange={onChange} />}
    </Group>
  )
}

function Secrets({ draft, onChange, kept }: { draft: Draft; onChange: Props['onChange']; kept: boolean }) {
  const hint = kept ? 'Leave it empty to keep what is stored' : undefined
  if (draft.signIn === 'apiKey') {
    return (
      <Field label="API key" hint={hint}>
        {(field) => <input {...field} type="password" autoComplete="off" required={!kept} value={draft.apiKey} onChange={(event) => onChange({ apiKey: event.target.value })} />}
      </Field>
    )
  }
  if (draft.signIn === 'certificate') {
    return (
      <>
        <Field label="Client certificate" hint={hint ?? 'PEM, with the certificates between it and its authority'}>
          {(field) => <textarea {...field} rows={3} spellCheck={false} required={!kept} placeholder="-----BEGIN CERTIFICATE-----" value={draft.certificate} onChange={(event) => onChange({ certificate: event.target.value })} />}
        </Field>
        <Field label="Its key" hint={hint ?? 'PEM, without a passphrase'}>
          {(field) => <textarea {...field} rows={3} spellCheck={false} autoComplete="off" required={!kept} placeholder="-----BEGIN PRIVATE KEY-----" value={draft.key} onChange={(event) => onChange({ key: event.target.value })} />}
        </Field>
      </>
    )
  }
  if (draft.signIn === 'header') {
    return (
      <>
        <Field label="Header">
          {(field) => <input {...field} required pattern="[A-Za-z0-9_.\-]+" title="letters, digits, -, _ and ." value={draft.headerName} onChange={(event) => onChange({ headerName: event.target.value })} />}
        </Field>
        <Field label="Its value" hint={hint ?? 'For instance: Bearer, a blank, and the token'}>
          {(field) => <input {...field} type="password" autoComplete="off" required={!kept} value={draft.headerValue} onChange={(event) => onChange({ headerValue: event.target.value })} />}
        </Field>
      </>
    )
  }
  return null
}

function StoredNote({ draft, stored, kept }: { draft: Draft; stored: ConnectionDetails; kept: boolean }) {
  const { setAt, clientCertificate, headerNames } = stored.credentials
  if (draft.signIn !== storedSignIn(stored) || setAt === null) return null
  const moved = draft.address.trim() !== stored.address || (draft.httpAddress.trim() !== '' && draft.httpAddress.trim() !== stored.httpAddress)
  if (!kept && moved) return <p className="sub wide">The stored one was entered for another address and is not sent to a new one: enter it again.</p>
  return (
    <p className="sub wide">
      Set on <Moment iso={setAt} />
      {draft.signIn === 'certificate' && clientCertificate && <> for <Foreign text={clientCertificate.subject} longest={80} />, valid until <Moment iso={clientCertificate.expiresAt} /></>}
      {draft.signIn === 'header' && <>: <Foreign text={headerNames.join(', ')} longest={80} /></>}
      {kept ? '. Enter another to replace it.' : '. It is replaced when you save.'}
    </p>
  )
}

function Trust({ draft, stored, onChange }: Props) {
  const ca = stored?.credentials.serverCa
  return (
    <>
      {ca && draft.keepsServerCa ? (
        <p className="sub wide">
          CA certificate <Foreign text={ca.subject} longest={80} />, valid until <Moment iso={ca.expiresAt} />.{' '}
          <button type="button" className="plain" onClick={() => onChange({ keepsServerCa: false })}>Replace or remove it</button>
        </p>
      ) : (
        <Field label="CA certificate" hint="PEM; empty trusts whom this machine trusts">
          {(field) => <textarea {...field} rows={3} spellCheck={false} placeholder="-----BEGIN CERTIFICATE-----" value={draft.serverCa} onChange={(event) => onChange({ serverCa: event.target.value })} />}
        </Field>
      )}
      <Field label="Server name" hint="If the server’s certificate is for another name than the address">
        {(field) => <input {...field} value={draft.serverName} onChange={(event) => onChange({ serverName: event.target.value })} />}
      </Field>
    </>
  )
}

function Look({ draft, onChange }: Props) {
  return (
    <Group title="What to look at">
      <Field label="Scope" hint="A visibility query; empty: every run of the namespace" isWide>
        {(field) => <input {...field} className="mono" spellCheck={false} placeholder="WorkflowType = 'Order' AND Region = 'EU'" value={draft.scope} onChange={(event) => onChange({ scope: event.target.value })} />}
      </Field>
      <Field label="Copied by itself" hint={LEVELS.find(({ level }) => level === draft.level)?.about} isWide>
        {(field) => (
          <select {...field} value={draft.level} onChange={(event) => onChange({ level: event.target.value as Draft['level'] })}>
            {LEVELS.map(({ level, label }) => <option key={level} value={level}>{label}</option>)}
          </select>
        )}
      </Field>
    </Group>
  )
}

function Pace({ draft, onChange }: Props) {
  return (
    <Group title="How hard it may be asked" about="Together by everything that looks at this namespace. It goes slower by itself when Temporal says so.">
      <Field label="Lists and counts a second">
        {(field) => <input {...field} type="number" required min={0.1} max={1000} step="any" value={draft.visibilityPerSecond} onChange={(event) => onChange({ visibilityPerSecond: event.target.value })} />}
      </Field>
      <Field label="Histories a second">
        {(field) => <input {...field} type="number" required min={0.1} max={10000} step="any" value={draft.historyPerSecond} onChange={(event) => onChange({ historyPerSecond: event.target.value })} />}
      </Field>
    </Group>
  )
}

function Links({ draft, onChange }: Props) {
  const rows: { name: 'uiAddress' | 'codecAddress' | 'httpAddress'; label: string; hint: string }[] = [
    { name: 'uiAddress', label: 'Temporal’s web page', hint: 'Runs then link to it' },
    { name: 'codecAddress', label: 'Codec server', hint: 'Decodes encrypted values when somebody asks' },
    { name: 'httpAddress', label: 'HTTP API', hint: 'For histories nested too deeply for gRPC' },
  ]
  return (
    <Group title="Links" about="All of them can be left empty.">
      {rows.map(({ name, label, hint }) => (
        <Field key={name} label={label} hint={hint}>
          {(field) => <input {...field} type="url" pattern="https?://.+" title="A URL that begins with http:// or https://" placeholder="https://" value={draft[name]} onChange={(event) => onChange({ [name]: event.target.value })} />}
        </Field>
      ))}
    </Group>
  )
}
