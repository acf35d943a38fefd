import { useMutation } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { api, queryClient } from '../../api/client.ts'
import type { Execution } from '../../api/types.ts'
import { isOpen } from '../../lib/status.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import '../../styles/form.css'

const RunAgain = lazy(() => import('./run-again.tsx').then((module) => ({ default: module.RunAgain })))

const Erase = lazy(() => import('./erase.tsx').then((module) => ({ default: module.Erase })))

type Asked = 'cancel' | 'terminate' | 'again'

/** What owners and editors can do to a run of a built workflow. Each asks once more. */
export function RunActions({ execution, version }: { execution: Execution; version: number }) {
  const [asked, setAsked] = useState<Asked | null>(null)
  const close = (): void => setAsked(null)
  return (
    <>
      {isOpen(execution.status) && <button type="button" className="button" onClick={() => setAsked('cancel')}><Icon name="dash" /> Cancel…</button>}
      {isOpen(execution.status) && <button type="button" className="button bad-text" onClick={() => setAsked('terminate')}><Icon name="stop" /> Stop by force…</button>}
      <button type="button" className="button primary" onClick={() => setAsked('again')}><Icon name="retry" /> Run again…</button>
      {(asked === 'cancel' || asked === 'terminate') && <End how={asked} executionId={execution.id} onClose={close} />}
      {asked === 'again' && <Suspense><RunAgain execution={execution} version={version} onClose={close} /></Suspense>}
    </>
  )
}

/** The way to erasing a run, for owners; apart from what is done to runs every day, so that nobody takes it for one of these. */
export function EraseAction({ execution }: { execution: Execution }) {
  const [isAsked, setAsked] = useState(false)
  return (
    <>
      <button type="button" className="plain tap erase-way" onClick={() => setAsked(true)}><Icon name="trash" /> Erase…</button>
      {isAsked && <Suspense><Erase execution={execution} onClose={() => setAsked(false)} /></Suspense>}
    </>
  )
}

const WORDS = {
  cancel: {
    title: 'Cancel this run?',
    text: 'The run is told to end: what still works is cancelled, what waits stops waiting, and the run ends as cancelled.',
    confirm: 'Cancel the run',
    pending: 'Cancelling …',
    isReasonNeeded: false,
  },
  terminate: {
    title: 'Stop this run by force?',
    text: 'Temporal ends it at once. The run gets no chance to clean up, and steps that are at work are not told.',
    confirm: 'Stop it by force',
    pending: 'Stopping …',
    isReasonNeeded: true,
  },
} as const

function End({ how, executionId, onClose }: { how: 'cancel' | 'terminate'; executionId: string; onClose: () => void }) {
  const [reason, setReason] = useState('')
  const words = WORDS[how]
  const options = { onSuccess: onClose, onSettled: () => queryClient.invalidateQueries() }
  const cancel = useMutation(api.execution.cancel.mutationOptions(options))
  const terminate = useMutation(api.execution.terminate.mutationOptions(options))
  const end = how === 'cancel' ? cancel : terminate
  return (
    <Dialog
      title={words.title} onClose={onClose} error={end.error}
      onSubmit={() => end.mutate({ executionId, reason: reason.trim() })}
      actions={
        <>
          <button type="submit" className={`button ${how === 'cancel' ? 'primary' : 'danger'}`} disabled={end.isPending || (words.isReasonNeeded && reason.trim() === '')}>{end.isPending ? words.pending : words.confirm}</button>
          <button type="button" className="button" onClick={onClose}>Keep it running</button>
        </>
      }
    >
      <p>{words.text}</p>
      <div className="form-field">
        <label htmlFor="end-reason">Why{words.isReasonNeeded ? '' : ' (may stay empty)'}</label>
        <input id="end-reason" type="text" maxLength={1000} autoComplete="off" required={words.isReasonNeeded} value={reason} onChange={(event) => setReason(event.target.value)} />
        <span className="sub">It is written into the run’s history and into the project’s log, with your name.</span>
      </div>
    </Dialog>
  )
}
