import { useId, useMemo } from 'react'
import { connect, targetsOf } from '../../../canvas/connect.ts'
import { remove } from '../../../canvas/edit.ts'
import { type Node, nodeOf, portsOf, titleOf } from '../../../canvas/graph.ts'
import { Icon } from '../../../ui/icon.tsx'
import { Foreign } from '../../../ui/text.tsx'
import { usePanel } from './context.ts'

const LABELS: Record<string, string> = { next: 'Then', each: 'For each item', error: 'When it fails for good' }

/** Where the node leads, and the way to connect it without a pointer. */
export function WaysOut({ node }: { node: Node }) {
  const ports = portsOf(node)
  if (ports.length === 0) return null
  return (
    <section className="ways-out">
      <h3>What comes next</h3>
      {ports.map((port) => <WayOut key={port} node={node} port={port} />)}
    </section>
  )
}

function WayOut({ node, port }: { node: Node; port: string }) {
  const { graph, apply, canEdit, components } = usePanel()
  const id = useId()
  const nameOf = (one: Node | undefined): string => (one ? titleOf(one, one.kind === 'activity' ? components.get(one.component)?.name : undefined) : '')
  const lines = graph.edges.filter((edge) => edge.source === node.id && edge.port === port)
  const possible = useMemo(() => targetsOf(graph, node.id, port), [graph, node.id, port])
  const add = (target: string): void =>
    apply((before) => {
      const connected = connect(before, { source: node.id, port, target })
      return 'graph' in connected ? connected.graph : before
    })
  return (
    <div className="form-field">
      <label htmlFor={id}>{LABELS[port] ?? port.replaceAll('-', ' ')}</label>
      {lines.length > 0 && (
        <ul className="chips">
          {lines.map((edge) => (
            <li key={edge.target} className="pill mute">
              <Foreign text={nameOf(nodeOf(graph, edge.target))} longest={40} />
              {canEdit && <button type="button" aria-label={`Remove the line to ${nameOf(nodeOf(graph, edge.target))}`} onClick={() => apply((before) => remove(before, new Set(), new Set([edge])))}><Icon name="close" /></button>}
            </li>
          ))}
        </ul>
      )}
      {canEdit && possible.length > 0 ? (
        <select id={id} value="" onChange={(event) => event.target.value && add(event.target.value)}>
          <option value="">{lines.length > 0 ? 'connect to another step …' : 'connect to …'}</option>
          {possible.map((other) => <option key={other.id} value={other.id}>{nameOf(other)} ({other.id})</option>)}
        </select>
      ) : lines.length === 0 && <output id={id} className="sub">leads nowhere{port === 'error' ? ': a failure fails the run' : ''}</output>}
    </div>
  )
}
