import { type FormEvent, useEffect, useId, useRef } from 'react'
import { isOpenOnTheWay } from '../../lib/encoded.ts'
import { Icon } from '../../ui/icon.tsx'
import { Foreign } from '../../ui/text.tsx'

/** Asks once per connection and tab. Until somebody agrees, nothing is sent anywhere. */
export function ConsentDialog(props: { address: string; onAgree: (token: string) => void; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const token = useRef<HTMLInputElement>(null)
  const title = useId()
  useEffect(() => dialog.current?.showModal(), [])
  const agree = (event: FormEvent): void => {
    event.preventDefault()
    props.onAgree(token.current?.value ?? '')
  }
  return (
    <dialog ref={dialog} className="consent panel" aria-labelledby={title} onClose={props.onClose}>
      <form onSubmit={agree}>
        <h2 id={title}>Decode encrypted values?</h2>
        <p>
          Values that you open in this connection go to <b><Foreign text={props.address} longest={200} /></b> to be decoded, with your token.
        </p>
        <p className="sub">Watchglass’s server sends them and keeps neither the answer nor the token. The token stays in this browser tab.</p>
        {isOpenOnTheWay(props.address) && (
          <p className="consent-warning"><Icon name="alert" /> <span>This address begins with http: values and token can be read on the way.</span></p>
        )}
        <label>
          <span>Token for the codec server, if it wants one</span>
          <input ref={token} type="password" autoComplete="off" spellCheck={false} maxLength={16_000} />
        </label>
        <div className="row consent-actions">
          <button type="submit" className="button primary">Decode</button>
          <button type="button" className="button" onClick={() => dialog.current?.close()}>Not now</button>
        </div>
      </form>
    </dialog>
  )
}
