import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../../api/client.ts'
import type { Payload } from '../../api/types.ts'
import { isBeginning } from '../../lib/encoded.ts'
import { formatBytes } from '../../lib/figure.ts'
import { countRules } from '../../lib/redaction.ts'
import { useDecodeScope } from '../decode/scope.tsx'
import { DecodedMark, DecodeOffer } from '../decode/offer.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { PayloadText } from './payload-text.tsx'

type Whole = { load: () => void; isLoading: boolean }

/** Values as Temporal held them, one box an argument. `absent` says what it means that there are none. */
export function PayloadList(props: { payloads: readonly Payload[] | null; absent: string; name: string; bytes?: number; whole?: Whole | undefined }) {
  const { payloads, bytes, whole } = props
  if (!payloads && bytes && whole) return <LeftOut name={props.name} bytes={bytes} whole={whole} />
  if (!payloads || payloads.length === 0) return <p className="sub">{props.absent}</p>
  return payloads.map((payload, at) => (
    <PayloadBox key={at} payload={payload} name={payloads.length > 1 ? `${props.name} ${at + 1}` : props.name} whole={props.whole} />
  ))
}

function LeftOut({ name, bytes, whole }: { name: string; bytes: number; whole: Whole }) {
  return (
    <div className="payload-box" role="region" aria-label={name} tabIndex={0}>
      <p className="payload-text">The {name} is {formatBytes(bytes)}; it is loaded when you ask for it.</p>
      <button type="button" className="button payload-note" disabled={whole.isLoading} onClick={whole.load}>{whole.isLoading ? 'Loading…' : `Load the ${name}`}</button>
    </div>
  )
}

function PayloadBox({ payload, name, whole }: { payload: Payload; name: string; whole?: Whole | undefined }) {
  if (payload.hidden) return <Hidden payload={payload} name={name} />
  return (
    <div className="payload">
      <div className="payload-head sub">
        <span>{name}</span>
        <span className="grow" />
        {payload.decodedFrom !== null && <DecodedMark from={payload.decodedFrom} />}
        <span>{payload.encoding || 'no encoding named'} · {formatBytes(payload.bytes)}</span>
        {payload.text !== null && <CopyButton text={payload.text} label={payload.truncated ? `the shown part of ${name}` : name} />}
      </div>
      {payload.text === null ? <Unreadable payload={payload} name={name} whole={whole} /> : <PayloadText text={payload.text} isWhole={!payload.truncated} label={name} />}
      {isBeginning(payload) && <p className="sub payload-note">Only the beginning was decoded when the run was copied.</p>}
      {isBeginning(payload) && <DecodeOffer what={`the whole ${name}`} load={whole?.load} />}
      {payload.truncated && payload.text !== null && !isBeginning(payload) && (
        <p className="sub payload-note">
          Only the beginning is shown{whole ? '. ' : '; the raw history holds the whole.'}
          {whole && <button type="button" className="plain" disabled={whole.isLoading} onClick={whole.load}>{whole.isLoading ? 'Loading…' : `Load all ${formatBytes(payload.bytes)}`}</button>}
        </p>
      )}
      {payload.redacted && <p className="sub payload-note">Redacted: by the project’s rules values were hidden before they were stored. The same mark is the same value.</p>}
      {payload.sanitised && <p className="sub payload-note">Characters that no browser can carry were replaced by “�”. The raw history holds the original.</p>}
    </div>
  )
}

function Hidden({ payload, name }: { payload: Payload; name: string }) {
  return (
    <div className="payload">
      <div className="payload-head sub"><span>{name}</span><span className="grow" /><span>{payload.encoding || 'no encoding named'} · {formatBytes(payload.bytes)}</span></div>
      <div className="payload-box"><p className="payload-text sub">Hidden: you may not see the values of this project. One of its owners can let you.</p></div>
    </div>
  )
}

function Unreadable({ payload, name, whole }: { payload: Payload; name: string; whole?: Whole | undefined }) {
  return (
    <div className="payload-box">
      <p className="payload-text">{sentenceOf(payload)}</p>
      {payload.bytes > 0 && <p className="payload-text sub">SHA-256 {payload.sha256}</p>}
      {payload.isEncoded && <NotSearched />}
      {payload.isEncoded && <DecodeOffer what={name} load={whole?.load} />}
    </div>
  )
}

/** Where a project hides values: that it cannot do so in what nobody here can read. */
function NotSearched() {
  const { projectId } = useDecodeScope()
  const privacy = useQuery({ ...api.privacy.getRules.queryOptions({ projectId: projectId ?? '' }, { staleTime: 60_000 }), enabled: projectId !== null })
  if (projectId === null || !privacy.data || countRules(privacy.data.rules) === 0) return null
  return (
    <p className="sub payload-note">
      The project’s <Link to="/projects/$projectId/privacy" params={{ projectId }}>privacy rules</Link> do not look into encrypted values: this one is stored whole, as Temporal holds it.
    </p>
  )
}

function sentenceOf({ encoding, bytes, isEncoded }: Payload): string {
  if (encoding === 'binary/null') return 'null'
  if (isEncoded) return `${encoding.includes('encrypted') ? 'Encrypted' : `Encoded as ${encoding}`}, ${formatBytes(bytes)}. Only the workers’ codec can read it.`
  if (encoding.startsWith('binary/')) return `Binary data, ${formatBytes(bytes)}.`
  return `${formatBytes(bytes)} in a format that this version cannot show${encoding ? `: ${encoding}` : ''}.`
}
