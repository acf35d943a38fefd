import { type Graph, type Node, nodeOf } from '../../canvas/graph.ts'

/** What is selected on the canvas: nodes by id, lines by the id that `edgeId` gives. */
export type Selection = { nodes: ReadonlySet<string>; edges: ReadonlySet<string> }

export const NOTHING: Selection = { nodes: new Set(), edges: new Set() }
export const only = (...ids: string[]): Selection => ({ nodes: new Set(ids), edges: new Set() })
export const isNothing = (selection: Selection): boolean => selection.nodes.size === 0 && selection.edges.size === 0

/** The one node that is selected alone. */
export function chosenOf(graph: Graph, selection: Selection): Node | undefined {
  const [id, another] = selection.nodes
  return another === undefined ? nodeOf(graph, id) : undefined
}

type Change = { id?: string; type: string; selected?: boolean }

export function afterSelecting(selection: Selection, kind: 'nodes' | 'edges', changes: readonly Change[]): Selection {
  const chosen = changes.filter((change) => change.type === 'select')
  if (chosen.length === 0) return selection
  const ids = new Set(selection[kind])
  for (const { id, selected } of chosen) {
    if (id === undefined) continue
    if (selected) ids.add(id)
    else ids.delete(id)
  }
  return { ...selection, [kind]: ids }
}
