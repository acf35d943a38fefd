import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api, client, queryClient } from '../../api/client.ts'
import { Dialog } from '../../ui/dialog.tsx'
import type { Editing } from './use-draft.ts'

/** Makes a version of the draft: what runs are pinned to from then on. */
export function SaveVersionDialog({ workflowId, editing, onClose, onSaved }: { workflowId: string; editing: Editing; onClose: () => void; onSaved: (version: number) => void }) {
  const [note, setNote] = useState('')
  const save = useMutation({
    mutationFn: async () => {
      const revision = await editing.flush()
      if (revision === null) throw new Error('The draft itself could not be saved; see above the drawing why.')
      return client.workflow.saveVersion.mutate({ workflowId, revision, note: note.trim() })
    },
    onSuccess: async ({ version }) => {
      await editing.reload()
      await queryClient.invalidateQueries({ queryKey: api.workflow.get.queryKey({ workflowId }) })
      onSaved(version)
    },
  })
  const next = (editing.known.latestVersion ?? 0) + 1
  return (
    <Dialog
      title={`Save version ${next}`} onClose={onClose} onSubmit={() => save.mutate()} error={save.error}
      actions={<><button type="submit" className="button primary" disabled={save.isPending}>{save.isPending ? 'Saving …' : 'Save version'}</button><button type="button" className="button" onClick={onClose}>Cancel</button></>}
    >
      <p className="sub">A version never changes. Runs that are started from now on use it; those that are under way keep theirs.</p>
      <div className="form-field">
        <label htmlFor="version-note">What is new in it</label>
        <textarea id="version-note" rows={3} maxLength={2000} value={note} onChange={(event) => setNote(event.target.value)} />
      </div>
    </Dialog>
  )
}
