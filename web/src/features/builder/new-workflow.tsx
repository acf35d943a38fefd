import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api, queryClient } from '../../api/client.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import '../../styles/form.css'
import { ImportDialog } from './files.tsx'

/** Makes a workflow to draw, empty or from a file. Viewers do not see it. */
export function NewWorkflow({ projectId }: { projectId: string }) {
  const project = useQuery(api.project.get.queryOptions({ projectId }, { staleTime: 60_000 }))
  const navigate = useNavigate()
  const [open, setOpen] = useState<'new' | 'file' | null>(null)
  const show = async ({ workflowId }: { workflowId: string }): Promise<void> => {
    await queryClient.invalidateQueries({ queryKey: api.workflow.list.queryKey() })
    await navigate({ to: '/workflows/$workflowId/builder', params: { workflowId }, search: {} })
  }
  if (!project.data || project.data.role === 'viewer') return null
  return (
    <>
      <button type="button" className="button primary" onClick={() => setOpen('new')}><Icon name="plus" /> New workflow</button>
      {open === 'new' && <NewDialog projectId={projectId} onClose={() => setOpen(null)} onFile={() => setOpen('file')} onMade={show} />}
      {open === 'file' && <ImportDialog projectId={projectId} title="New workflow from a file" about="A workflow that was exported here, or that lives in your repository. It becomes a draft; nothing runs yet." onClose={() => setOpen(null)} onImported={(made) => void show(made)} />}
    </>
  )
}

function NewDialog({ projectId, onClose, onFile, onMade }: { projectId: string; onClose: () => void; onFile: () => void; onMade: (made: { workflowId: string }) => Promise<void> }) {
  const [name, setName] = useState('')
  const create = useMutation(api.workflow.create.mutationOptions({ onSuccess: onMade }))
  return (
    <Dialog
      title="New workflow" onClose={onClose} onSubmit={() => create.mutate({ projectId, name: name.trim() })} error={create.error}
      actions={
        <>
          <button type="submit" className="button primary" disabled={create.isPending}>{create.isPending ? 'Making …' : 'Draw it'}</button>
          <button type="button" className="button" onClick={onFile}>Import a file …</button>
          <button type="button" className="button" onClick={onClose}>Cancel</button>
        </>
      }
    >
      <div className="form-field">
        <label htmlFor="workflow-name">Name</label>
        <input id="workflow-name" type="text" required maxLength={200} pattern=".*\S.*" autoComplete="off" spellCheck={false} placeholder="order-fulfilment" value={name} onChange={(event) => setName(event.target.value)} />
        <span className="sub">Its runs carry this name in Temporal as their workflow type.</span>
      </div>
    </Dialog>
  )
}
