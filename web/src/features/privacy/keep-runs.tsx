import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, queryClient } from '../../api/client.ts'
import type { Retention } from '../../api/types.ts'
import { FEWEST_DAYS, goneSoFar, keptFor, MOST_DAYS, readDays, whatGoes, whenNext } from '../../lib/retention.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Bone, messageOf, Problem } from '../../ui/states.tsx'
import '../../styles/form.css'

/** How long a project keeps its runs: its owners change it, everybody in it can read it. */
export function KeepRuns({ projectId }: { projectId: string }) {
  const kept = useQuery(api.retention.get.queryOptions({ projectId }, { placeholderData: undefined, staleTime: 10_000 }))
  if (kept.error && !kept.data) return <Problem error={kept.error} what="how long runs are kept" retry={() => void kept.refetch()} />
  return (
    <section className="panel account-form keep-runs" aria-labelledby="keep-runs-title">
      <h2 id="keep-runs-title">How long runs are kept</h2>
      {kept.data ? <Kept projectId={projectId} kept={kept.data} /> : <Bone width="100%" height={60} />}
    </section>
  )
}

function Kept({ projectId, kept }: { projectId: string; kept: Retention }) {
  const gone = goneSoFar(kept)
  return (
    <>
      <p>{keptFor(kept.keepDays)}</p>
      {gone && <p className="sub">{gone}</p>}
      {kept.mayChange ? <Change projectId={projectId} kept={kept} /> : <p className="sub">Owners of this project change it.</p>}
    </>
  )
}

interface Edited {
  isForEver: boolean
  typed: string
}

function Change({ projectId, kept }: { projectId: string; kept: Retention }) {
  const [edited, setEdited] = useState<Edited | null>(null)
  const { isForEver, typed } = edited ?? { isForEver: kept.keepDays === null, typed: String(kept.keepDays ?? 90) }
  const [asks, setAsks] = useState(false)
  const read = readDays(typed)
  const wanted = isForEver ? null : read
  const isWrong = !isForEver && read === null
  const isChanged = !isWrong && wanted !== kept.keepDays
  const save = useMutation(api.retention.save.mutationOptions({
    onSuccess: async (after) => {
      setAsks(false)
      setEdited(null)
      queryClient.setQueryData(api.retention.get.queryKey({ projectId }), after)
      await queryClient.invalidateQueries(api.retention.get.queryFilter())
    },
  }))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    save.reset()
    if (!isChanged) return
    if (wanted === null) save.mutate({ projectId, keepDays: null })
    else setAsks(true)
  }
  return (
    <>
      <form className="keep-runs-form" aria-label="How long runs are kept" onSubmit={submit}>
        <fieldset className="strategies">
          <legend className="unseen">How long</legend>
          <label className={isForEver ? 'on' : ''}><input type="radio" name="keep" checked={isForEver} onChange={() => setEdited({ isForEver: true, typed })} /> For ever</label>
          <label className={isForEver ? '' : 'on'}><input type="radio" name="keep" checked={!isForEver} onChange={() => setEdited({ isForEver: false, typed })} /> For some days after they ended</label>
        </fieldset>
        {!isForEver && (
          <div className="form-field keep-days">
            <label htmlFor="keep-days">Days</label>
            <input id="keep-days" type="text" inputMode="numeric" autoComplete="off" maxLength={6} value={typed} aria-invalid={isWrong} aria-describedby="keep-days-about" onChange={(event) => setEdited({ isForEver, typed: event.target.value })} />
            <p id="keep-days-about" className={isWrong ? 'bad-text' : 'sub'}>A whole number from {FEWEST_DAYS} to {MOST_DAYS.toLocaleString('en-GB')}.</p>
          </div>
        )}
        <p className="sub">
          Runs that ended longer ago are removed with their steps, values and histories, by whole months of their start (UTC); open runs never are.
          Their figures stay: totals for good, and charts by whole days. What was removed is not copied again, also when you keep runs longer later.
        </p>
        {save.error && !asks && <div className="notice bad" role="alert"><Icon name="alert" /><span>{messageOf(save.error)}</span></div>}
        {save.data && !isChanged && <p className="sub" role="status"><Icon name="check" /> Saved.</p>}
        <div className="row">
          <button type="submit" className="button primary" disabled={!isChanged || save.isPending}>{isForEver ? 'Save' : 'See what goes, and save'}</button>
        </div>
      </form>
      {/* Not within the form: two of them, one in the other, are sent together. */}
      {asks && wanted !== null && (
        <Confirm projectId={projectId} keepDays={wanted} isSaving={save.isPending} error={save.error} onClose={() => setAsks(false)} onConfirm={() => save.mutate({ projectId, keepDays: wanted, confirmed: true })} />
      )}
    </>
  )
}

/** What goes, with its number, before anything does. */
function Confirm(props: { projectId: string; keepDays: number; isSaving: boolean; error: unknown; onClose: () => void; onConfirm: () => void }) {
  const { projectId, keepDays } = props
  const removal = useQuery(api.retention.preview.queryOptions({ projectId, keepDays }, { placeholderData: undefined, staleTime: 0 }))
  const goes = removal.data !== undefined && removal.data.runs > 0
  return (
    <Dialog
      title={`Keep runs for ${keepDays.toLocaleString('en-GB')} ${keepDays === 1 ? 'day' : 'days'}?`} onClose={props.onClose} error={props.error}
      onSubmit={() => removal.data && props.onConfirm()}
      actions={
        <>
          <button type="submit" className={goes ? 'button danger' : 'button primary'} disabled={!removal.data || props.isSaving}>{props.isSaving ? 'Saving …' : goes ? 'Save, and remove them' : 'Save'}</button>
          <button type="button" className="button" onClick={props.onClose}>Change nothing</button>
        </>
      }
    >
      {removal.error ? <p className="bad-text" role="alert">{messageOf(removal.error)}</p> : !removal.data ? <Bone width="100%" height={70} /> : (
        <>
          <p><b>{whatGoes(removal.data)}</b></p>
          {goes && <p>Their figures stay, by whole days. It cannot be undone: Temporal may still have some of them, but they are not copied again.</p>}
          <p className="sub">{whenNext(removal.data)}</p>
        </>
      )}
    </Dialog>
  )
}
