import { createContext, useContext } from 'react'
import type { CatalogueComponent, GraphProblem } from '../../../api/types.ts'
import type { Graph, NodeKind, NodeOf } from '../../../canvas/graph.ts'

/** What every part of the property panel needs to know of the node that it shows. */
export type PanelTools = {
  workflowId: string
  projectId: string
  graph: Graph
  /** The node that is shown; null: the workflow as a whole. */
  nodeId: string | null
  problems: readonly GraphProblem[]
  components: ReadonlyMap<string, CatalogueComponent>
  canEdit: boolean
  /** The field that somebody came for, as a JSON pointer into the node. */
  wanted: string | null
  /** `key` joins changes that are taken back together. */
  apply: (change: (graph: Graph) => Graph, key?: string) => void
  /** The node that is shown has another id now. */
  onRenamed: (id: string) => void
}

export const PanelContext = createContext<PanelTools | null>(null)

export function usePanel(): PanelTools {
  const tools = useContext(PanelContext)
  if (!tools) throw new Error('A part of the property panel stands outside of it.')
  return tools
}

export type FormOf<Kind extends NodeKind> = { node: NodeOf<Kind>; onChange: (change: Partial<NodeOf<Kind>>, field: string) => void }
