import { messageOf } from '../../ui/states.tsx'
import { useDecodeScope } from './scope.tsx'

/** Beside something encoded: what can be done about it. */
export function DecodeOffer({ what, load }: { what: string; load?: (() => void) | undefined }) {
  const scope = useDecodeScope()
  if (!scope.address) return <p className="sub payload-note">This connection has no codec server. An owner or editor of the project can set one.</p>
  if (!scope.consent) return <button type="button" className="button decode" onClick={scope.ask}>Decode {what}…</button>
  if (scope.isLoading) return <p className="sub payload-note" role="status">Decoding…</p>
  if (scope.error) {
    return (
      <div className="payload-note" role="alert">
        <p className="bad-text">{messageOf(scope.error)}</p>
        <p className="row">
          <button type="button" className="plain" onClick={scope.retry}>Try again</button>
          <button type="button" className="plain" onClick={scope.ask}>Use another token</button>
        </p>
      </div>
    )
  }
  if (scope.isDone) return <p className="sub payload-note">The codec server gave it back as it was.</p>
  return load ? <button type="button" className="button decode" onClick={load}>Decode {what}</button> : null
}

/** In the head of a run's page, while its values are decoded: where, and how to end it. */
export function DecodingNote() {
  const { address, consent, ask, stop } = useDecodeScope()
  if (!consent || !address) return null
  return (
    <span>
      encrypted values are decoded by <bdi>{address}</bdi> · <button type="button" className="plain" onClick={ask}>another token</button> ·{' '}
      <button type="button" className="plain" onClick={stop}>stop decoding</button>
    </span>
  )
}

export function DecodedMark({ from }: { from: string }) {
  return <span className="decoded" title={`Temporal holds it as ${from}; the codec server decoded it for you just now`}>decoded by codec server</span>
}
