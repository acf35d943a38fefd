import { useMutation } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { compare } from '../../canvas/compare.ts'
import { Icon } from '../../ui/icon.tsx'
import { messageOf } from '../../ui/states.tsx'
import { Foreign } from '../../ui/text.tsx'
import type { Editing } from './use-draft.ts'

const SHOWN = 12

/** Two people changed one draft. The one who saved second decides; neither drawing is lost. */
export function ConflictNotice({ editing, projectId, onCopied }: { editing: Editing; projectId: string; onCopied: (workflowId: string) => void }) {
  const copy = useMutation(api.workflow.create.mutationOptions())
  const { saving } = editing
  if (saving.state !== 'conflict') return null
  const differences = compare(editing.graph, saving.theirs.graph)
  const keepCopy = (): void => {
    const name = `${editing.graph.name} (copy)`.slice(0, 200)
    copy.mutate({ projectId, name, graph: { ...editing.graph, name } }, { onSuccess: ({ workflowId }) => { editing.takeTheirs(); onCopied(workflowId) } })
  }
  return (
    <section className="notice warn conflict" role="alert" aria-label="Two people changed this draft">
      <Icon name="alert" />
      <div>
        <p><b><Foreign text={saving.sentence} /></b> Your drawing is still here, unsaved. What theirs has that yours has not:</p>
        <ul className="differences">
          {differences.slice(0, SHOWN).map((difference) => <li key={`${difference.kind} ${difference.what}`}><span className="sub">{difference.kind}</span> <Foreign text={difference.what} longest={80} /></li>)}
          {differences.length > SHOWN && <li className="sub">and {differences.length - SHOWN} more</li>}
          {differences.length === 0 && <li className="sub">nothing but where steps stand</li>}
        </ul>
        <div className="row">
          <button type="button" className="button" onClick={editing.takeTheirs}>Take theirs</button>
          <button type="button" className="button" onClick={editing.keepMine}>Put mine over theirs</button>
          <button type="button" className="button" disabled={copy.isPending} onClick={keepCopy}>Keep mine as a new workflow</button>
          <span className="sub">The drawing that you do not take is one step of undo away.</span>
        </div>
        {copy.error && <p className="bad-text">{messageOf(copy.error)}</p>}
      </div>
    </section>
  )
}
