import { useMutation } from '@tanstack/react-query'
import { api, queryClient } from '../../api/client.ts'
import type { Backfill } from '../../api/types.ts'
import { remainingOf, stageOf } from '../../lib/backfill.ts'
import { formatShare } from '../../lib/figure.ts'
import { Icon } from '../../ui/icon.tsx'
import { messageOf } from '../../ui/states.tsx'
import { Foreign } from '../../ui/text.tsx'

/** How far a job is, and the way to stop it. */
export function BackfillProgress({ job, mayChange }: { job: Backfill; mayChange: boolean }) {
  const cancel = useMutation(api.backfill.cancel.mutationOptions({ onSettled: () => queryClient.invalidateQueries() }))
  const isHistory = job.kind === 'history'
  const percent = job.share === null ? null : Math.floor(job.share * 100)
  return (
    <div className={`notice ${job.error ? 'warn' : 'info'} backfill`}>
      <Icon name={job.error ? 'alert' : 'sync'} />
      <div className="grow">
        <div>
          <b>{isHistory ? 'Copying older runs' : 'Copying what the new setting covers'}</b>
          {job.workflowName && <> of <Foreign text={job.workflowName} longest={60} /></>}
          {job.share !== null && ` · ${formatShare(job.share)}`}
        </div>
        <span className="meter" role="progressbar" aria-label={isHistory ? 'Older runs copied' : 'Runs copied for the new setting'} aria-valuemin={0} aria-valuemax={100} {...(percent !== null && { 'aria-valuenow': percent })}>
          <i style={{ width: `${percent ?? 0}%` }} />
        </span>
        <div className="sub">{[stageOf(job), remainingOf(job)].filter(Boolean).join(' · ')}</div>
        {job.error && <div className="sub bad-text"><Foreign text={job.error} longest={300} /> It goes on by itself.</div>}
        {cancel.error && <div className="sub bad-text" role="alert">{messageOf(cancel.error)}</div>}
      </div>
      {mayChange && (
        <button type="button" className="button notice-action" disabled={cancel.isPending} onClick={() => cancel.mutate({ backfillId: job.id })}>
          {cancel.isPending ? 'Stopping…' : 'Stop'}
        </button>
      )}
    </div>
  )
}
