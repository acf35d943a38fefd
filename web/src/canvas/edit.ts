/** Every change that a hand can make to a graph, as a function from graph to graph. Nothing here knows a screen. */
import { connect, fittingEdges } from './connect.ts'
import { mapExpressions, renameReferences } from './expressions.ts'
import { APPROVED, EACH, type Edge, ERROR, freshId, type Graph, type Node, nodeOf, type NodeOf, type Point, portsOf, reachedFrom, titleOf, withBodies } from './graph.ts'
import { make, type Piece } from './make.ts'
import { absoluteOf, BODY_HEAD, bodyAt, HEIGHT, PADDING, sizesOf, WIDTH } from './size.ts'

const GAP = 64

/** Adds at a point of the canvas; inside of a for-each when the point is. */
export function addAt(graph: Graph, piece: Piece, at: Point): { graph: Graph; id: string } {
  const parent = bodyAt(graph, at)
  const made = make(piece, idsOf(graph))
  const origin = parent === null ? { x: 0, y: 0 } : absoluteOf(graph, parent)
  const corner = { x: at.x - origin.x - WIDTH / 2, y: at.y - origin.y - HEIGHT / 2 }
  const node = { ...made, parent, position: insideOf(parent, corner) }
  return { graph: { ...graph, nodes: [...graph.nodes, node] }, id: node.id }
}

/**
 * Adds to the right of a node: at its first way out that leads nowhere, else between it and what comes next, which
 * moves on to the right.
 */
export function addAfter(graph: Graph, piece: Piece, before: string | undefined): { graph: Graph; id: string } {
  const source = nodeOf(graph, before) ?? lastOf(graph)
  const made = make(piece, idsOf(graph))
  if (!source) return { graph: { ...graph, nodes: [{ ...made, position: { x: 0, y: 0 } }] }, id: made.id }
  const place = placeAfter(graph, source, made)
  const isIntoBody = place.port === EACH
  const parent = isIntoBody ? source.id : source.parent
  const size = sizesOf(graph).get(source.id) ?? { width: WIDTH, height: HEIGHT }
  const corner = isIntoBody ? { x: PADDING * 2, y: BODY_HEAD } : { x: (source.position?.x ?? 0) + size.width + GAP, y: source.position?.y ?? 0 }
  const room = place.between ? pushedRight(graph, place.between.target, corner.x + sizeOfOne(made).width + GAP) : graph
  const node = { ...made, parent, position: freeSpot(room, parent, corner) }
  const nodes = [...room.nodes, node]
  if (place.port === null) return { graph: { ...room, nodes }, id: node.id }
  const edges: Edge[] = [...graph.edges.filter((edge) => edge !== place.between), { source: source.id, port: place.port, target: node.id }]
  const onwards = mainPort(node)
  if (place.between && onwards !== null) edges.push({ source: node.id, port: onwards, target: place.between.target })
  return { graph: { ...room, nodes, edges }, id: node.id }
}

type Place = { port: string | null; between: Edge | null }

function placeAfter(graph: Graph, source: Node, made: Node): Place {
  const port = freePort(graph, source)
  if (port !== null) return { port, between: null }
  const main = source.kind === 'parallel' ? null : mainPort(source)
  const lines = graph.edges.filter((edge) => edge.source === source.id && edge.port === main)
  const [only] = lines
  return only && lines.length === 1 && mainPort(made) !== null ? { port: only.port, between: only } : { port: null, between: null }
}

/** Where the ordinary way goes on. */
const mainPort = (node: Node): string | null => portsOf(node).find((port) => port !== EACH && port !== ERROR) ?? null

const lastOf = (graph: Graph): Node | undefined => graph.nodes.findLast((node) => node.parent === null && node.kind !== 'end') ?? graph.nodes.at(-1)

const sizeOfOne = (node: Node): { width: number; height: number } => sizesOf({ nodes: [node] }).get(node.id) ?? { width: WIDTH, height: HEIGHT }

/** Moves a node, and what it leads to, so far to the right that it begins at `x`. */
function pushedRight(graph: Graph, id: string, x: number): Graph {
  const first = nodeOf(graph, id)
  const by = x - (first?.position?.x ?? x)
  if (!first || by <= 0) return graph
  const after = reachedFrom(graph, id)
  const nodes = graph.nodes.map((node) => (node.parent === first.parent && node.position && after.has(node.id) ? { ...node, position: { ...node.position, x: node.position.x + by } } : node))
  return { ...graph, nodes }
}

/** Where a new line from the node begins by itself: its first way out that leads nowhere, but never the one for errors. */
export function freePort(graph: Graph, node: Node): string | null {
  const used = new Set(graph.edges.filter((edge) => edge.source === node.id).map((edge) => edge.port))
  const ports = portsOf(node).filter((port) => port !== ERROR)
  return ports.find((port) => !used.has(port)) ?? (node.kind === 'parallel' ? (ports[0] ?? null) : null)
}

/** Removes nodes with their bodies and lines. What led to a single node, and on from it, is then one line. */
export function remove(graph: Graph, ids: ReadonlySet<string>, edges: ReadonlySet<Edge> = new Set()): Graph {
  const rest = removeAll(graph, ids, edges)
  const bridge = rest === graph ? null : bridgeOver(graph, ids)
  const bridged = bridge && connect(rest, bridge)
  return bridged && 'graph' in bridged ? bridged.graph : rest
}

function bridgeOver(graph: Graph, ids: ReadonlySet<string>): Edge | null {
  const [id, another] = ids
  if (id === undefined || another !== undefined) return null
  const [from, otherFrom] = graph.edges.filter((edge) => edge.target === id)
  const [to, otherTo] = graph.edges.filter((edge) => edge.source === id && edge.port !== EACH)
  return from && to && !otherFrom && !otherTo ? { ...from, target: to.target } : null
}

function removeAll(graph: Graph, ids: ReadonlySet<string>, edges: ReadonlySet<Edge>): Graph {
  const removable = new Set([...ids].filter((id) => nodeOf(graph, id)?.kind !== 'start'))
  const gone = withBodies(graph, removable)
  if (gone.size === 0 && edges.size === 0) return graph
  return {
    ...graph,
    nodes: graph.nodes.filter((node) => !gone.has(node.id)),
    edges: graph.edges.filter((edge) => !edges.has(edge) && !gone.has(edge.source) && !gone.has(edge.target)),
  }
}

/** Changes one node; lines at ports that it no longer has go with them. */
export function change(graph: Graph, id: string, how: (node: Node) => Node): Graph {
  const before = nodeOf(graph, id)
  if (!before) return graph
  const after = how(before)
  if (after === before) return graph
  const changed = { ...graph, nodes: graph.nodes.map((node) => (node.id === id ? after : node)) }
  const isSamePorts = portsOf(before).join() === portsOf(after).join()
  return isSamePorts ? changed : { ...changed, edges: fittingEdges(changed) }
}

/** Gives a case of a branch another port name; its lines follow. */
export function renamePort(graph: Graph, id: string, from: string, to: string): Graph {
  const node = nodeOf(graph, id)
  if (node?.kind !== 'branch' || from === to) return graph
  const renamed: NodeOf<'branch'> = { ...node, cases: node.cases.map((one) => (one.port === from ? { ...one, port: to } : one)) }
  return {
    ...graph,
    nodes: graph.nodes.map((one) => (one.id === id ? renamed : one)),
    edges: graph.edges.map((edge) => (edge.source === id && edge.port === from ? { ...edge, port: to } : edge)),
  }
}

/** Gives a node another id; lines, bodies and expressions that name it follow. */
export function renameId(graph: Graph, from: string, to: string): Graph {
  if (from === to || idsOf(graph).has(to)) return graph
  const ids = new Map([[from, to]])
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      const named = mapExpressions(node, (text) => renameReferences(text, ids))
      return { ...named, id: node.id === from ? to : node.id, parent: node.parent === from ? to : node.parent }
    }),
    edges: graph.edges.map((edge) => ({ ...edge, source: edge.source === from ? to : edge.source, target: edge.target === from ? to : edge.target })),
  }
}

/** Puts nodes at new corners. `corners` are relative to the body that they are in now. */
export function move(graph: Graph, corners: ReadonlyMap<string, Point>): Graph {
  if (corners.size === 0) return graph
  const nodes = graph.nodes.map((node) => {
    const corner = corners.get(node.id)
    return corner ? { ...node, position: insideOf(node.parent, corner) } : node
  })
  return { ...graph, nodes }
}

export function moveBy(graph: Graph, ids: ReadonlySet<string>, by: Point): Graph {
  const corners = new Map<string, Point>()
  for (const node of graph.nodes) {
    const isCarried = node.parent !== null && withBodies(graph, ids).has(node.parent)
    if (ids.has(node.id) && !isCarried) corners.set(node.id, { x: (node.position?.x ?? 0) + by.x, y: (node.position?.y ?? 0) + by.y })
  }
  return move(graph, corners)
}

/**
 * After a drag, with corners relative to the bodies of before: a node whose middle lies in another body now belongs
 * there, and lines that would cross the border go.
 */
export function drop(graph: Graph, corners: ReadonlyMap<string, Point>): Graph {
  const carried = withBodies(graph, new Set(corners.keys()))
  const sizes = sizesOf(graph)
  let isElsewhere = false
  const nodes = graph.nodes.map((node) => {
    const corner = corners.get(node.id)
    const size = sizes.get(node.id)
    if (!corner || !size) return node
    const from = node.parent === null ? { x: 0, y: 0 } : absoluteOf(graph, node.parent)
    const at = { x: from.x + corner.x, y: from.y + corner.y }
    const isCarried = node.parent !== null && carried.has(node.parent)
    const parent = isCarried || node.kind === 'start' ? node.parent : bodyAt(graph, { x: at.x + size.width / 2, y: at.y + size.height / 2 }, carried)
    if (parent === node.parent) return { ...node, position: insideOf(parent, corner) }
    isElsewhere = true
    const origin = parent === null ? { x: 0, y: 0 } : absoluteOf(graph, parent)
    return { ...node, parent, position: insideOf(parent, { x: at.x - origin.x, y: at.y - origin.y }) }
  })
  const dropped = { ...graph, nodes }
  return isElsewhere ? { ...dropped, edges: fittingEdges(dropped) } : dropped
}

/** Nodes with the lines between them, to be put in again here or in another workflow. */
export type Snippet = { format: 'watchglass/nodes/v1'; nodes: Node[]; edges: Edge[] }

export function copy(graph: Graph, ids: ReadonlySet<string>): Snippet | null {
  const taken = withBodies(graph, new Set([...ids].filter((id) => nodeOf(graph, id)?.kind !== 'start')))
  if (taken.size === 0) return null
  const nodes = graph.nodes
    .filter((node) => taken.has(node.id))
    .map((node) => (node.parent === null || taken.has(node.parent) ? node : { ...node, parent: null, position: absoluteOf(graph, node.id) }))
  return { format: 'watchglass/nodes/v1', nodes, edges: graph.edges.filter((edge) => taken.has(edge.source) && taken.has(edge.target)) }
}

/** The graph with copies of the snippet's nodes, `by` away from where those were, and the copies' outermost ids. */
export function paste(graph: Graph, snippet: Snippet, by: Point = { x: 32, y: 32 }): { graph: Graph; ids: string[] } {
  const taken = idsOf(graph)
  const ids = new Map<string, string>()
  for (const node of snippet.nodes) {
    const id = freshId(node.id.replace(/-\d+$/, ''), taken)
    taken.add(id)
    ids.set(node.id, id)
  }
  const nodes = snippet.nodes.map((node) => {
    const renamed = mapExpressions(node, (text) => renameReferences(text, ids))
    const at = node.position ?? { x: 0, y: 0 }
    const position = node.parent === null ? { x: at.x + by.x, y: at.y + by.y } : node.position
    return { ...renamed, id: ids.get(node.id) ?? node.id, parent: node.parent === null ? null : (ids.get(node.parent) ?? null), position }
  })
  const edges = snippet.edges.map((edge) => ({ ...edge, source: ids.get(edge.source) ?? edge.source, target: ids.get(edge.target) ?? edge.target }))
  return {
    graph: { ...graph, nodes: [...graph.nodes, ...nodes], edges: [...graph.edges, ...edges] },
    ids: nodes.filter((node) => node.parent === null).map((node) => node.id),
  }
}

/** Copies in the same body as what they were copied from. */
export function duplicate(graph: Graph, chosen: ReadonlySet<string>): { graph: Graph; ids: string[] } {
  const snippet = copy(graph, chosen)
  if (!snippet) return { graph, ids: [] }
  const pasted = paste(graph, snippet)
  const outermost = snippet.nodes.filter((node) => node.parent === null)
  const homes = new Map(outermost.map((node, at) => [pasted.ids[at], nodeOf(graph, node.id)]))
  const nodes = pasted.graph.nodes.map((node) => {
    const original = homes.get(node.id)
    if (!original || original.parent === null) return node
    const at = original.position ?? { x: 0, y: 0 }
    return { ...node, parent: original.parent, position: { x: at.x + 32, y: at.y + 32 } }
  })
  return { graph: { ...pasted.graph, nodes }, ids: pasted.ids }
}

/** What a clipboard held, when it is a snippet of ours; anything else is `null`. */
export function readSnippet(text: string): Snippet | null {
  if (!text.includes('"watchglass/nodes/v1"')) return null
  try {
    const read = JSON.parse(text) as Partial<Snippet>
    if (read.format !== 'watchglass/nodes/v1' || !Array.isArray(read.nodes) || !Array.isArray(read.edges)) return null
    if (!read.nodes.every((node) => typeof node.id === 'string' && typeof node.kind === 'string' && node.kind !== 'start')) return null
    return { format: read.format, nodes: read.nodes, edges: read.edges }
  } catch {
    return null
  }
}

/** Where `addAfter` would put the next one, in words. */
export function whereItGoes(graph: Graph, selected: string | undefined, nameOf: (node: Node) => string = titleOf): string {
  const node = nodeOf(graph, selected) ?? lastOf(graph)
  if (!node) return 'the first step'
  const port = freePort(graph, node)
  if (port === EACH) return `into ${nameOf(node)}`
  if (port !== null) return port === 'next' || port === APPROVED ? `after ${nameOf(node)}` : `after ${nameOf(node)}, at “${port}”`
  const main = mainPort(node)
  const lines = graph.edges.filter((edge) => edge.source === node.id && edge.port === main)
  const target = lines.length === 1 ? nodeOf(graph, lines[0]?.target) : undefined
  return target ? `between ${nameOf(node)} and ${nameOf(target)}` : `beside ${nameOf(node)}`
}

function idsOf(graph: Graph): Set<string> {
  return new Set(graph.nodes.map((node) => node.id))
}

/** In a body nothing lies above its head or left of its border. */
function insideOf(parent: string | null, at: Point): Point {
  const whole = { x: Math.round(at.x), y: Math.round(at.y) }
  return parent === null ? whole : { x: Math.max(PADDING, whole.x), y: Math.max(BODY_HEAD, whole.y) }
}

/** The wished corner, or the nearest below it where nothing of the same body lies. */
function freeSpot(graph: Graph, parent: string | null, wished: Point): Point {
  const sizes = sizesOf(graph)
  const others = graph.nodes.filter((node) => node.parent === parent && node.position !== null)
  const isTaken = (at: Point): boolean =>
    others.some((node) => {
      const size = sizes.get(node.id) ?? { width: WIDTH, height: HEIGHT }
      const corner = node.position ?? { x: 0, y: 0 }
      return at.x < corner.x + size.width + 16 && at.x + WIDTH + 16 > corner.x && at.y < corner.y + size.height + 16 && at.y + HEIGHT + 16 > corner.y
    })
  let at = insideOf(parent, wished)
  while (isTaken(at)) at = { x: at.x, y: at.y + HEIGHT + 24 }
  return at
}
