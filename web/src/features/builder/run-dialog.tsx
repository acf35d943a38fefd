import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import { api, client } from '../../api/client.ts'
import type { Json } from '../../api/types.ts'
import { initialOf, missingIn, type Schema } from '../../lib/schema.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Bone } from '../../ui/states.tsx'
import { InputForm } from '../schema/input-form.tsx'
import type { Editing } from './use-draft.ts'

type Which = 'draft' | 'newest'

/** Starts a run with a form made from the input schema, and goes to it. */
export function RunDialog({ workflowId, editing, onClose }: { workflowId: string; editing: Editing; onClose: () => void }) {
  const { latestVersion, changeCount, basedOn } = editing.known
  const isSame = latestVersion !== null && changeCount === 0 && basedOn === latestVersion
  const errors = editing.problems.filter((problem) => problem.severity === 'error').length
  const [which, setWhich] = useState<Which>(isSame || (latestVersion !== null && errors > 0) ? 'newest' : 'draft')
  const version = useQuery({ ...api.workflow.getVersion.queryOptions({ workflowId, version: latestVersion ?? 1 }, { staleTime: Number.POSITIVE_INFINITY }), enabled: which === 'newest' && !isSame })
  const schema: Schema | undefined = which === 'draft' || isSame ? editing.graph.inputSchema : version.data?.graph.inputSchema
  const [input, setInput] = useState<Json | undefined>(undefined)
  const [isJson, setIsJson] = useState(false)
  const [isAsked, setIsAsked] = useState(false)
  const [id, setId] = useState('')
  const navigate = useNavigate()
  useEffect(() => {
    if (schema) setInput((before) => before ?? initialOf(schema, schema) ?? {})
  }, [schema])
  const missing = useMemo(() => (schema ? missingIn(input, schema, schema) : []), [input, schema])
  const run = useMutation({
    mutationFn: async () => {
      const chosen = which === 'newest' ? latestVersion : await savedDraft(workflowId, editing)
      return client.workflow.run.mutate({ workflowId, input: input ?? {}, ...(chosen !== null && { version: chosen }), ...(id.trim() !== '' && { temporalWorkflowId: id.trim() }) })
    },
    onSuccess: ({ executionId }) => navigate({ to: '/executions/$executionId', params: { executionId }, search: {} }),
  })
  const submit = (): void => {
    setIsAsked(true)
    if (missing.length === 0 || isJson) run.mutate()
  }
  return (
    <Dialog
      title={`Run ${editing.graph.name}`} onClose={onClose} onSubmit={submit} error={run.error}
      actions={
        <>
          <button type="submit" className="button primary" disabled={run.isPending || !schema || (which === 'draft' && errors > 0)}>{run.isPending ? 'Starting …' : 'Run'}</button>
          <button type="button" className="button" onClick={onClose}>Cancel</button>
        </>
      }
    >
      {latestVersion === null && <p className="sub">The draft is saved as version 1, and that is run.</p>}
      {!isSame && latestVersion !== null && (
        <fieldset className="strategies">
          <legend>What runs</legend>
          <label className={which === 'draft' ? 'on' : ''}><input type="radio" name="which" checked={which === 'draft'} onChange={() => setWhich('draft')} /> The draft, saved as version {latestVersion + 1}</label>
          <label className={which === 'newest' ? 'on' : ''}><input type="radio" name="which" checked={which === 'newest'} onChange={() => setWhich('newest')} /> Version {latestVersion}, the newest that was saved</label>
        </fieldset>
      )}
      {which === 'draft' && errors > 0 && <p className="bad-text" role="status">The draft has {errors === 1 ? 'a problem' : `${errors} problems`}: a workflow can only run without. They are listed below the drawing.</p>}
      {schema ? <InputForm schema={schema} value={input} isJson={isJson} missing={isAsked ? missing : []} onJson={setIsJson} onChange={setInput} /> : <Bone width="100%" height={80} />}
      <details>
        <summary className="sub">Workflow id</summary>
        <div className="form-field">
          <label htmlFor="run-id" className="unseen">Workflow id</label>
          <input id="run-id" type="text" className="mono" maxLength={1000} spellCheck={false} autoComplete="off" placeholder={`${editing.graph.name}-…`} value={id} onChange={(event) => setId(event.target.value)} />
          <span className="sub">Temporal’s own id of the run. Empty: one that begins with the name.</span>
        </div>
      </details>
    </Dialog>
  )
}

/** The version that the draft became. */
async function savedDraft(workflowId: string, editing: Editing): Promise<number> {
  const revision = await editing.flush()
  if (revision === null) throw new Error('The draft itself could not be saved; see above the drawing why.')
  const { version } = await client.workflow.saveVersion.mutate({ workflowId, revision, note: '' })
  await editing.reload()
  return version
}
