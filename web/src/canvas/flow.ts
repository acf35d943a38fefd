/** A graph as what React Flow draws, and back. Plain values: nothing here imports React. */
import type { CatalogueComponent, GraphProblem } from '../api/types.ts'
import { EACH, type Edge, edgeId, ERROR, type Graph, NEXT, type Node, titleOf } from './graph.ts'
import type { NodeState } from './overlay.ts'
import { type Size, sizesOf } from './size.ts'

export type NodeData = {
  node: Node
  title: string
  /** Under the title: component, queue, or what it does. */
  subtitle: string
  /** `↻ 5 attempts`; empty when there is nothing to say. */
  hint: string
  icon: string
  problem: { severity: 'error' | 'warning'; text: string } | null
  state: NodeState | null
}
export type FlowNode = {
  id: string
  type: 'step' | 'body'
  position: { x: number; y: number }
  parentId?: string
  width: number
  height: number
  data: NodeData
  ariaLabel: string
  zIndex: number
}
/** Of a run: whether it came along here, and whether this is the way to what failed it. */
export type Trace = 'taken' | 'failing' | 'passed'
export type FlowEdge = { id: string; source: string; target: string; sourceHandle: string; type: 'line'; data: { edge: Edge; label: string; tone: 'plain' | 'error'; trace: Trace | null }; ariaLabel: string; zIndex: number }

export type Look = { components: ReadonlyMap<string, CatalogueComponent>; problems: readonly GraphProblem[] }

export function toFlow(graph: Graph, look: Look): { nodes: FlowNode[]; edges: FlowEdge[] } {
  const sizes = sizesOf(graph)
  const problems = worstByNode(look.problems)
  const depths = depthsOf(graph)
  const nodes = graph.nodes
    .map((node) => flowNode(node, look, sizes.get(node.id) ?? { width: 0, height: 0 }, problems.get(node.id) ?? null, depths.get(node.id) ?? 0))
    .sort((one, other) => one.zIndex - other.zIndex) // React Flow wants what is around before what is inside
  const titles = new Map(nodes.map((node) => [node.id, node.data.title]))
  const edges = graph.edges
    .filter((edge) => titles.has(edge.source) && titles.has(edge.target))
    .map((edge): FlowEdge => ({
      id: edgeId(edge), source: edge.source, target: edge.target, sourceHandle: edge.port, type: 'line',
      data: { edge, label: labelOf(edge), tone: edge.port === ERROR ? 'error' : 'plain', trace: null },
      ariaLabel: `Line from ${titles.get(edge.source)}${edge.port === NEXT ? '' : `, ${edge.port},`} to ${titles.get(edge.target)}`,
      zIndex: (depths.get(edge.target) ?? 0) * 2,
    }))
  return { nodes, edges }
}

function flowNode(node: Node, look: Look, size: Size, problem: NodeData['problem'], depth: number): FlowNode {
  const component = node.kind === 'activity' ? look.components.get(node.component) : undefined
  const title = titleOf(node, component?.name)
  const data = { node, title, subtitle: subtitleOf(node), hint: hintOf(node), icon: iconOf(node, component), problem, state: null }
  return {
    id: node.id, type: node.kind === 'for_each' ? 'body' : 'step', position: node.position ?? { x: 0, y: 0 },
    ...(node.parent !== null && { parentId: node.parent }), ...size, data,
    ariaLabel: [title, data.subtitle, data.hint.replace('↻ ', 'retries: '), problem?.text].filter(Boolean).join(', '),
    zIndex: depth * 2,
  }
}

function subtitleOf(node: Node): string {
  switch (node.kind) {
    case 'activity':
      return node.component
    case 'workflow':
      return node.name === '' || node.name === node.workflow ? 'child workflow' : `child workflow · ${node.workflow}`
    case 'branch':
      return node.cases.length === 1 ? 'if' : `switch, ${node.cases.length} cases`
    case 'for_each':
      return `${node.items} · ${node.concurrency === 1 ? 'one at a time' : `${node.concurrency} at once`}`
    case 'wait':
      return node.until !== null ? `until ${node.until}` : typeof node.seconds === 'number' ? `for ${secondsText(node.seconds)}` : node.seconds === null ? 'no time is set' : `for ${node.seconds} seconds`
    case 'approval':
      return 'a person decides'
    case 'set':
      return Object.keys(node.values).join(', ') || 'no values yet'
    case 'end':
      return node.outcome === 'failed' ? node.errorType : 'with a result'
    case 'join':
      return node.mode === 'all' ? 'waits for all' : 'goes on with the first'
    default:
      return ''
  }
}

export function hintOf(node: Node): string {
  if (node.kind !== 'activity' && node.kind !== 'workflow') return ''
  if (node.retry === null) return ''
  switch (node.retry.strategy) {
    case 'keep_trying':
      return '↻ until it succeeds'
    case 'fail_after':
      return node.retry.maximumAttempts === 1 ? 'one attempt' : `↻ ${node.retry.maximumAttempts} attempts`
    case 'exponential_backoff':
      return node.retry.maximumAttempts === 0 ? '↻ back-off, no end' : `↻ back-off, ${node.retry.maximumAttempts} attempts`
    case 'no_retries':
      return 'no retries'
  }
}

const KIND_ICONS: Record<Node['kind'], string> = {
  start: 'play', activity: 'puzzle', workflow: 'frame', branch: 'branch', parallel: 'split', join: 'merge', for_each: 'loop',
  wait: 'clock', approval: 'person', set: 'braces', end: 'flag',
}

const iconOf = (node: Node, component: CatalogueComponent | undefined): string => component?.icon ?? KIND_ICONS[node.kind]

/** Seconds as people write them: `1.5 s`, `2 m`, `1 h 30 m`. */
export function secondsText(seconds: number): string {
  if (seconds < 60) return `${Number(seconds.toFixed(3))} s`
  const parts: [number, string][] = [[86_400, 'd'], [3600, 'h'], [60, 'm'], [1, 's']]
  let rest = Math.round(seconds)
  const words: string[] = []
  for (const [size, name] of parts) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) words.push(`${count} ${name}`)
  }
  return words.slice(0, 2).join(' ')
}

function labelOf(edge: Edge): string {
  if (edge.port === ERROR) return 'if it fails'
  return edge.port === NEXT || edge.port === EACH ? '' : edge.port.replaceAll('-', ' ')
}

function worstByNode(problems: readonly GraphProblem[]): Map<string, NonNullable<NodeData['problem']>> {
  const found = new Map<string, GraphProblem[]>()
  for (const problem of problems) if (problem.node !== null) found.set(problem.node, [...(found.get(problem.node) ?? []), problem])
  return new Map(
    [...found].map(([node, all]) => {
      const first = all.find((one) => one.severity === 'error') ?? all[0]
      const more = all.length > 1 ? ` (and ${all.length - 1} more)` : ''
      return [node, { severity: first?.severity ?? 'warning', text: `${first?.message ?? ''}${more}` }]
    }),
  )
}

/** How many bodies each node is in. */
function depthsOf(graph: Graph): Map<string, number> {
  const parents = new Map(graph.nodes.map((node) => [node.id, node.parent]))
  return new Map(
    graph.nodes.map((node) => {
      let depth = 0
      for (let parent = node.parent; parent !== null && parent !== undefined && depth < 100; parent = parents.get(parent) ?? null) depth += 1
      return [node.id, depth]
    }),
  )
}

/** The new list, with the old object wherever nothing changed: React Flow draws only what is another object. */
export function keepSame<T extends { id: string }>(before: readonly T[], after: readonly T[], isSame: (one: T, other: T) => boolean): T[] {
  const known = new Map(before.map((one) => [one.id, one]))
  return after.map((one) => {
    const old = known.get(one.id)
    return old && isSame(old, one) ? old : one
  })
}
