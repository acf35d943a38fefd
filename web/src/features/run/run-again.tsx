import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { api } from '../../api/client.ts'
import type { Execution, Json } from '../../api/types.ts'
import { counted } from '../../lib/figure.ts'
import { countMarks } from '../../lib/redaction.ts'
import { missingIn, type Schema } from '../../lib/schema.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Bone, messageOf } from '../../ui/states.tsx'
import { InputForm } from '../schema/input-form.tsx'

/** Starts another run with the input of this one, changed or not, of the version that ran or of the newest. */
export function RunAgain({ execution, version, onClose }: { execution: Execution; version: number; onClose: () => void }) {
  const { workflowId } = execution
  const given = useQuery(api.execution.getInput.queryOptions({ executionId: execution.id }, { placeholderData: undefined, staleTime: Number.POSITIVE_INFINITY }))
  const versions = useQuery(api.workflow.listVersions.queryOptions({ workflowId }, { staleTime: 10_000 }))
  const newest = versions.data?.items[0]?.version ?? version
  const [chosen, setChosen] = useState(version)
  const drawn = useQuery(api.workflow.getVersion.queryOptions({ workflowId, version: chosen }, { staleTime: Number.POSITIVE_INFINITY }))
  const [changed, setChanged] = useState<Json | undefined>(undefined)
  const [isJson, setIsJson] = useState(false)
  const [isAsked, setIsAsked] = useState(false)
  const schema: Schema | undefined = drawn.data?.graph.inputSchema
  const input = changed ?? given.data?.input
  const missing = schema ? missingIn(input, schema, schema) : []
  const marks = useMemo(() => countMarks(JSON.stringify(input) ?? ''), [input])
  const navigate = useNavigate()
  const run = useMutation(api.workflow.run.mutationOptions({
    onSuccess: async ({ executionId }) => {
      onClose()
      await navigate({ to: '/executions/$executionId/graph', params: { executionId }, search: {} })
    },
  }))
  const submit = (): void => {
    setIsAsked(true)
    if (missing.length === 0 || isJson) run.mutate({ workflowId, version: chosen, input: input ?? {} })
  }
  const error = given.error ?? drawn.error
  return (
    <Dialog
      title={`Run ${execution.workflowName} again`} onClose={onClose} onSubmit={submit} error={run.error}
      actions={
        <>
          <button type="submit" className="button primary" disabled={run.isPending || !schema || given.data === undefined}>{run.isPending ? 'Starting …' : 'Run'}</button>
          <button type="button" className="button" onClick={onClose}>Back</button>
        </>
      }
    >
      <p className="sub">With what this run was started with. Change what you like; this run stays as it is.</p>
      {newest !== version && (
        <fieldset className="strategies">
          <legend>What runs</legend>
          <label className={chosen === version ? 'on' : ''}><input type="radio" name="which" checked={chosen === version} onChange={() => setChosen(version)} /> Version {version}, which this run ran</label>
          <label className={chosen === newest ? 'on' : ''}><input type="radio" name="which" checked={chosen === newest} onChange={() => setChosen(newest)} /> Version {newest}, the newest that was saved</label>
        </fieldset>
      )}
      {marks > 0 && (
        <div className="notice warn" role="status">
          <Icon name="alert" />
          <span>
            <b>{counted(marks, 'value')} of this input {marks === 1 ? 'was' : 'were'} hidden before {marks === 1 ? 'it was' : 'they were'} stored.</b> What stands there is a mark such as [redacted:1f2e3d4c], and
            steps would be given that text. Put the real {marks === 1 ? 'value in its place' : 'values in their places'} before you run it.
          </span>
        </div>
      )}
      {error ? <p className="bad-text" role="alert">{messageOf(error)}</p> : !schema || given.data === undefined ? <Bone width="100%" height={80} /> : (
        <InputForm schema={schema} value={input} isJson={isJson} missing={isAsked ? missing : []} onJson={setIsJson} onChange={setChanged} />
      )}
    </Dialog>
  )
}
