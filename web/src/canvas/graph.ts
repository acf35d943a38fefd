/** A graph as the page thinks of it: which ports a node has, what lies in whose body, what a node is called. */
import type { BuilderEdge as Edge, BuilderNode as Node, Graph, NodeKind } from '../api/types.ts'

export type { Edge, Graph, Node, NodeKind }
export type NodeOf<Kind extends NodeKind> = Extract<Node, { kind: Kind }>
export type Point = { x: number; y: number }

export const NEXT = 'next'
export const EACH = 'each'
export const ERROR = 'error'
export const OTHERWISE = 'otherwise'
export const APPROVED = 'approved'
export const REJECTED = 'rejected'
export const TIMED_OUT = 'timed-out'

/** The ports at which the node can end, in the order in which they are drawn. The same as `ports_of` in the model. */
export function portsOf(node: Node): string[] {
  switch (node.kind) {
    case 'activity':
    case 'workflow':
      return [NEXT, ERROR]
    case 'branch':
      return [...node.cases.map((one) => one.port), OTHERWISE]
    case 'for_each':
      return [EACH, NEXT, ERROR]
    case 'approval':
      return [APPROVED, REJECTED, ...(node.timeoutSeconds === null ? [] : [TIMED_OUT])]
    case 'end':
      return []
    default:
      return [NEXT]
  }
}

export const KIND_LABELS: Record<NodeKind, string> = {
  start: 'Start',
  activity: 'activity',
  workflow: 'child workflow',
  branch: 'Branch',
  parallel: 'Parallel',
  join: 'Join',
  for_each: 'For each',
  wait: 'Wait',
  approval: 'Approval',
  set: 'Set data',
  end: 'End',
}

/** What stands on the node: its own name, else its component's, else its kind's. */
export function titleOf(node: Node, componentName?: string): string {
  if (node.name !== '') return node.name
  if (node.kind === 'activity') return componentName ?? node.component
  if (node.kind === 'workflow') return node.workflow || 'Child workflow'
  if (node.kind === 'end' && node.outcome === 'failed') return 'End with a failure'
  return KIND_LABELS[node.kind]
}

export function nodeOf(graph: Graph, id: string | undefined): Node | undefined {
  return id === undefined ? undefined : graph.nodes.find((node) => node.id === id)
}

/** The node and everything in its body, bodies in bodies included. */
export function withBodies(graph: Graph, ids: ReadonlySet<string>): Set<string> {
  const all = new Set(ids)
  let before = -1
  while (before !== all.size) {
    before = all.size
    for (const node of graph.nodes) if (node.parent !== null && all.has(node.parent)) all.add(node.id)
  }
  return all
}

/** An id of the field's own kind (`^[a-z][a-z0-9-]{0,62}$`) that nobody in `taken` has. */
export function freshId(base: string, taken: ReadonlySet<string>): string {
  const words = base.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '')
  const stem = (words || 'step').slice(0, 56).replace(/-+$/, '')
  if (!taken.has(stem)) return stem
  for (let count = 2; ; count += 1) if (!taken.has(`${stem}-${count}`)) return `${stem}-${count}`
}

export const edgeId = (edge: Edge): string => `${edge.source}:${edge.port}:${edge.target}`

/** Whether `to` can be reached from `from` along the lines. */
export const reaches = (graph: Graph, from: string, to: string): boolean => reachedFrom(graph, from).has(to)

/** Everything that a node leads to, itself included. */
export function reachedFrom(graph: Graph, from: string): Set<string> {
  const next = new Map<string, string[]>()
  for (const edge of graph.edges) {
    const targets = next.get(edge.source)
    if (targets) targets.push(edge.target)
    else next.set(edge.source, [edge.target])
  }
  const seen = new Set<string>()
  const waiting = [from]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    waiting.push(...(next.get(id) ?? []))
  }
  return seen
}

/** Everything that leads to a node, itself included. */
export function leadingTo(graph: Graph, to: string): Set<string> {
  return reachedFrom({ ...graph, edges: graph.edges.map((edge) => ({ ...edge, source: edge.target, target: edge.source })) }, to)
}
