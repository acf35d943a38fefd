import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import { Icon } from './icon.tsx'
import { messageOf } from './states.tsx'
import '../styles/dialog.css'

/** A question over the page, closed by Escape, by the cross, or by its answer. */
export function Dialog(props: {
  title: string
  onClose: () => void
  onSubmit?: () => void
  /** The button that answers, and what stands beside it. */
  actions?: ReactNode
  error?: unknown
  isWide?: boolean
  children: ReactNode
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useId()
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
  }, [])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    props.onSubmit?.()
  }
  return (
    <dialog ref={dialog} className={`dialog panel ${props.isWide ? 'wide' : ''}`} aria-labelledby={title} onClose={props.onClose}>
      <form onSubmit={submit}>
        <div className="dialog-head">
          <h2 id={title}>{props.title}</h2>
          <button type="button" className="bare" aria-label="Close" onClick={() => dialog.current?.close()}><Icon name="close" /></button>
        </div>
        {props.children}
        {props.error != null && (
          <div className="notice bad" role="alert">
            <Icon name="alert" />
            <span>{messageOf(props.error)}</span>
          </div>
        )}
        {props.actions && <div className="row dialog-actions">{props.actions}</div>}
      </form>
    </dialog>
  )
}
