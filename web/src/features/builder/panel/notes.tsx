import { renameId } from '../../../canvas/edit.ts'
import type { Node } from '../../../canvas/graph.ts'
import { usePanel } from './context.ts'
import { Plain } from './kinds.tsx'

/** What people call the node, and what they want others to know of it. */
export function Notes({ node, onChange }: { node: Node; onChange: (change: Partial<Node>, field: string) => void }) {
  const { apply, graph, canEdit, onRenamed } = usePanel()
  const rename = (typed: string): void => {
    const to = typed.trim()
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(to) || to === node.id || graph.nodes.some((one) => one.id === to)) return
    apply((before) => renameId(before, node.id, to))
    onRenamed(to)
  }
  return (
    <>
      <Plain label="Name" pointer="/name">
        {(id, isReadOnly) => <input id={id} type="text" maxLength={200} readOnly={isReadOnly} value={node.name} onChange={(event) => onChange({ name: event.target.value }, 'name')} />}
      </Plain>
      <Plain label="Notes" pointer="/notes">
        {(id, isReadOnly) => <textarea id={id} rows={6} maxLength={10_000} readOnly={isReadOnly} value={node.notes} onChange={(event) => onChange({ notes: event.target.value }, 'notes')} />}
      </Plain>
      <Plain label="Id" pointer="/id" about="Small letters, digits and dashes. Runs and expressions name the step by it; lines and expressions here follow when it changes, older runs keep the old one.">
        {(id) => <input id={id} key={node.id} type="text" className="mono" readOnly={!canEdit} maxLength={63} pattern="[a-z][a-z0-9-]*" spellCheck={false} defaultValue={node.id} onBlur={(event) => { rename(event.target.value); event.target.value = node.id }} onKeyDown={(event) => { if (event.key === 'Enter') event.currentTarget.blur() }} />}
      </Plain>
    </>
  )
}
