import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api, queryClient } from '../../api/client.ts'
import type { Erasure, Execution } from '../../api/types.ts'
import { counted, formatBytes, formatCount } from '../../lib/figure.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Bone, messageOf } from '../../ui/states.tsx'
import { Foreign, Id } from '../../ui/text.tsx'
import '../../styles/form.css'
import '../../styles/erase.css'

type What = 'run' | 'workflow_id'

/** Deletes a run, or all of its workflow id, for good: says exactly what goes and what stays, and has the id typed. */
export function Erase({ execution, onClose }: { execution: Execution; onClose: () => void }) {
  const [what, setWhat] = useState<What>('run')
  const [typed, setTyped] = useState('')
  const { id: executionId, workflowId, temporalWorkflowId } = execution
  const plan = useQuery(api.execution.previewErase.queryOptions({ executionId, what }, { placeholderData: undefined, staleTime: 0 }))
  const navigate = useNavigate()
  const erase = useMutation(api.execution.erase.mutationOptions({
    onSuccess: async (erased) => {
      await navigate({ to: '/workflows/$workflowId', params: { workflowId }, search: {}, state: { erased } })
      // What this page remembers of the runs goes too.
      queryClient.removeQueries({ type: 'inactive' })
      await queryClient.invalidateQueries()
    },
  }))
  const isRunning = plan.data?.running != null
  const canErase = plan.data !== undefined && !isRunning && typed === temporalWorkflowId
  return (
    <Dialog
      title="Erase for good?" onClose={onClose} error={erase.error}
      onSubmit={() => canErase && erase.mutate({ executionId, what, confirmation: typed })}
      actions={
        <>
          <button type="submit" className="button danger" disabled={!canErase || erase.isPending}>{erase.isPending ? 'Erasing …' : confirmOf(plan.data)}</button>
          <button type="button" className="button" onClick={onClose}>Keep everything</button>
        </>
      }
    >
      <fieldset className="strategies">
        <legend>What is erased</legend>
        <label className={what === 'run' ? 'on' : ''}><input type="radio" name="what" checked={what === 'run'} onChange={() => setWhat('run')} /> This run alone</label>
        <label className={what === 'workflow_id' ? 'on' : ''}><input type="radio" name="what" checked={what === 'workflow_id'} onChange={() => setWhat('workflow_id')} /> All runs of its workflow id</label>
      </fieldset>
      {plan.error ? <p className="bad-text" role="alert">{messageOf(plan.error)}</p> : plan.data ? <Plan plan={plan.data} what={what} /> : <Bone width="100%" height={150} />}
      <div className="form-field">
        <label htmlFor="erase-typed">Type the workflow id to erase</label>
        <div className="row erase-id"><Id text={temporalWorkflowId} longest={160} /> <CopyButton text={temporalWorkflowId} label="the workflow id to type" /></div>
        <input id="erase-typed" type="text" autoComplete="off" autoCapitalize="off" spellCheck={false} maxLength={2000} disabled={isRunning} value={typed} onChange={(event) => setTyped(event.target.value)} />
      </div>
    </Dialog>
  )
}

function confirmOf(plan: Erasure | undefined): string {
  return plan ? `Erase ${counted(plan.runs, 'run')} for good` : 'Erase for good'
}

/** What goes, what stays, and what nobody can undo. */
function Plan({ plan, what }: { plan: Erasure; what: What }) {
  if (plan.running !== null) {
    return (
      <div className="notice warn" role="status">
        <Icon name="alert" />
        <span>Run <Id text={plan.running} longest={40} /> has not ended. Cancel or terminate it first: what it does next would have to be copied.</span>
      </div>
    )
  }
  return (
    <div className="erase-plan">
      <div>
        <h3>This goes</h3>
        <p>
          <b>{counted(plan.runs, 'run')}</b> with {counted(plan.steps, 'step')}{plan.historyBytes > 0 && ` and ${formatBytes(plan.historyBytes)} of history`}: attempts, input, result, memo, search attributes and
          error texts too, and what the activity log says of {plan.runs === 1 ? 'it' : 'them'}. Nothing copies {plan.runs === 1 ? 'it' : 'them'} again
          {what === 'workflow_id' ? ', nor runs of this workflow id that started before now and were never copied' : ''}.
        </p>
      </div>
      <div>
        <h3>This stays</h3>
        <ul>
          {plan.sameWorkflowId > 0 && <li>{counted(plan.sameWorkflowId, 'other run')} of the same workflow id.</li>}
          {plan.mentions > 0 && (
            <li>
              {counted(plan.mentions, 'run')} of other workflow ids, whose histories name this one. Where they hold its values, erase them as well:
              <ul className="erase-named">
                {plan.mentionedBy.map(({ executionId, temporalWorkflowId, relation }) => (
                  <li key={executionId}>
                    <Link to="/executions/$executionId" params={{ executionId }}><Foreign text={temporalWorkflowId} longest={60} /></Link> <span className="sub">{relation === 'child' ? 'was started by it' : 'started it'}</span>
                  </li>
                ))}
                {plan.mentions > plan.mentionedBy.length && <li className="sub">and {formatCount(plan.mentions - plan.mentionedBy.length)} more</li>}
              </ul>
            </li>
          )}
          <li>One line in the activity log that says how many runs you erased, without naming them.</li>
          <li>Temporal’s own copy, until you delete it there or its retention ends, and backups made before.</li>
        </ul>
      </div>
      <p>Figures no longer count what is erased. <b>It cannot be undone.</b></p>
    </div>
  )
}
