import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { client } from '../../api/client.ts'
import { Dialog } from '../../ui/dialog.tsx'
import type { GraphProblem } from '../../api/types.ts'

type Imported = { workflowId: string; revision: number; problems: GraphProblem[] }

/** Reads a file into a draft: a new workflow's, or the one that is open. */
export function ImportDialog(props: { projectId: string; title: string; about: ReactNode; before?: () => Promise<{ workflowId: string; revision: number }>; onClose: () => void; onImported: (imported: Imported) => void }) {
  const [text, setText] = useState('')
  const [name, setName] = useState('')
  const read = useMutation({
    mutationFn: async () => client.workflow.importFile.mutate({ projectId: props.projectId, text, ...(await props.before?.()) }),
    onSuccess: props.onImported,
  })
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return
    setName(file.name)
    setText(await file.text())
    read.reset()
  }
  return (
    <Dialog
      title={props.title} onClose={props.onClose} onSubmit={() => read.mutate()} error={read.error}
      actions={<><button type="submit" className="button primary" disabled={text.trim() === '' || read.isPending}>{read.isPending ? 'Reading …' : 'Import'}</button><button type="button" className="button" onClick={props.onClose}>Cancel</button></>}
    >
      <p className="sub">{props.about}</p>
      <div className="form-field">
        <label htmlFor="import-file">A YAML or JSON file</label>
        <input id="import-file" type="file" accept=".yaml,.yml,.json,application/json,text/yaml" onChange={(event) => void take(event.target.files?.[0])} />
      </div>
      <div className="form-field">
        <label htmlFor="import-text">{name ? `What is in ${name}` : 'Or its text'}</label>
        <textarea id="import-text" className="mono" rows={8} spellCheck={false} value={text} onChange={(event) => { setText(event.target.value); read.reset() }} />
      </div>
    </Dialog>
  )
}
