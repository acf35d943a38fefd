/** What a run did, laid over the drawing after it was laid out: a run that goes on moves nothing. */
import type { NodeState } from '../api/types.ts'
import { nodeLook } from '../lib/status.ts'
import { stateText } from '../lib/run-graph.ts'
import type { FlowEdge, FlowNode } from './flow.ts'
import { edgeId, type Graph } from './graph.ts'

export type { NodeState }

/** The nodes with their states; those whose state did not change stay the same objects. */
export function overlay(nodes: readonly FlowNode[], states: readonly NodeState[]): FlowNode[] {
  const found = new Map(states.map((state) => [state.nodeId, state]))
  return nodes.map((node) => {
    const state = found.get(node.id) ?? null
    return isSameState(node.data.state, state) ? node : { ...node, ariaLabel: labelOf(node, state), data: { ...node.data, state } }
  })
}

function labelOf(node: FlowNode, state: NodeState | null): string {
  const { title, subtitle } = node.data
  return [title, subtitle, state && nodeLook(state.status).label, state && stateText(state)].filter(Boolean).join(', ')
}

function isSameState(one: NodeState | null, other: NodeState | null): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

/** The lines as the run went along them: what it took, and of that the way to what failed it. */
export function traced(edges: readonly FlowEdge[], graph: Graph, takenEdges: readonly number[], failingPath: readonly string[]): FlowEdge[] {
  const taken = new Set(takenEdges.flatMap((at) => graph.edges[at] ?? []).map(edgeId))
  const failing = new Set(failingPath.slice(1).map((target, at) => `${failingPath[at]}>${target}`))
  return edges.map((edge) => {
    const trace = !taken.has(edge.id) ? 'passed' : failing.has(`${edge.source}>${edge.target}`) ? 'failing' : 'taken'
    return trace === edge.data.trace ? edge : { ...edge, data: { ...edge.data, trace }, zIndex: edge.zIndex + (trace === 'passed' ? 0 : 1) }
  })
}
