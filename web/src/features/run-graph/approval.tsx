import { useMutation } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { api, queryClient } from '../../api/client.ts'
import type { ApprovalRequest, Json } from '../../api/types.ts'
import { initialOf, missingIn, shapeOf } from '../../lib/schema.ts'
import { itemName } from '../../lib/run-graph.ts'
import { Icon } from '../../ui/icon.tsx'
import { messageOf } from '../../ui/states.tsx'
import { Foreign } from '../../ui/text.tsx'
import { FormContext, type FormTools } from '../schema/context.ts'
import { SchemaFields } from '../schema/fields.tsx'

type Values = { [name: string]: Json }

/** A question that waits for a person, with the form that was drawn for it. The first answer counts. */
export function ApprovalForm({ executionId, request, canDecide, onDone }: { executionId: string; request: ApprovalRequest; canDecide: boolean; onDone?: () => void }) {
  const { form } = request
  const [values, setValues] = useState<Values>(() => objectOf(initialOf(form, form)))
  const [isAsked, setIsAsked] = useState(false)
  const missing = useMemo(() => missingIn(values, form, form), [values, form])
  const tools = useMemo((): FormTools => ({ isReadOnly: false, problemsAt: (pointer) => (isAsked && missing.includes(pointer) ? [{ message: 'This is needed to approve.', severity: 'error' }] : []) }), [isAsked, missing])
  const decide = useMutation(api.execution.approve.mutationOptions({
    onSuccess: () => onDone?.(),
    onSettled: () => queryClient.invalidateQueries(),
  }))
  const answer = (approved: boolean): void => decide.mutate({ executionId, node: request.nodeId, iteration: request.iteration, approved, values: approved ? values : {} })
  const approve = (): void => {
    setIsAsked(true)
    if (missing.length === 0) answer(true)
  }
  const shape = shapeOf(form, form)
  const asks = shape.kind === 'object' && shape.fields.length > 0
  return (
    <div className="approval" role="group" aria-label="Decision">
      <p className="approval-question"><Foreign text={request.question === null ? 'Hidden: the question may hold values of this run, which you may not see.' : request.question || 'May it go on?'} longest={2000} /></p>
      {request.iteration.length > 0 && <p className="sub">{itemName(request.iteration)}</p>}
      {!canDecide ? <p className="sub">An owner or editor of the project decides this.</p> : decide.isSuccess ? <p role="status"><Icon name="check" /> {decide.variables.approved ? 'Approved.' : 'Rejected.'} The run goes on.</p> : (
        <>
          {asks && <FormContext value={tools}><SchemaFields schema={form} root={form} value={values} pointer="" onChange={setValues} /></FormContext>}
          {decide.error && <div className="notice bad" role="alert"><Icon name="alert" /><span>{messageOf(decide.error)}</span></div>}
          <div className="row">
            <button type="button" className="button primary" disabled={decide.isPending} onClick={approve}><Icon name="check" /> Approve</button>
            <button type="button" className="button" disabled={decide.isPending} onClick={() => answer(false)}><Icon name="cross" /> Reject</button>
            {decide.isPending && <span className="sub" role="status">Telling the run …</span>}
          </div>
        </>
      )}
    </div>
  )
}

const objectOf = (value: Json | undefined): Values => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {})
