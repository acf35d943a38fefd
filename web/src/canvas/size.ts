import { type Graph, type Node, type Point, portsOf } from './graph.ts'

export type Size = { width: number; height: number }

/** In the canvas's own units; the style sheet draws to these. */
export const WIDTH = 184
export const HEIGHT = 72
export const HEAD = 52
export const ROW = 24
export const BODY_HEAD = 64
export const PADDING = 28
const SMALL = { width: 120, height: 48 }
const EMPTY_BODY = { width: 280, height: 160 }

/** Kinds whose ways out have a row each, with a label. */
export const hasRows = (node: Node): boolean => node.kind === 'branch' || node.kind === 'approval'

/** How large each node is drawn; a for-each is as large as its body. Bodies first, so that one pass is enough. */
export function sizesOf(graph: Pick<Graph, 'nodes'>): Map<string, Size> {
  const bodies = new Map<string, Node[]>()
  for (const node of graph.nodes) if (node.parent !== null) bodies.set(node.parent, [...(bodies.get(node.parent) ?? []), node])
  const sizes = new Map<string, Size>()
  const measure = (node: Node): Size => {
    const known = sizes.get(node.id)
    if (known) return known
    sizes.set(node.id, EMPTY_BODY) // a body that contains itself ends here; the validator says so
    const size = node.kind === 'for_each' ? around((bodies.get(node.id) ?? []).map((one) => ({ at: one.position, size: measure(one) }))) : plainSize(node)
    sizes.set(node.id, size)
    return size
  }
  graph.nodes.forEach(measure)
  return sizes
}

function plainSize(node: Node): Size {
  if (node.kind === 'start' || node.kind === 'parallel' || node.kind === 'join') return SMALL
  if (hasRows(node)) return { width: WIDTH, height: HEAD + portsOf(node).length * ROW + 4 }
  return { width: WIDTH, height: HEIGHT }
}

/** The size of a for-each around its body. */
export function around(body: { at: Point | null; size: Size }[]): Size {
  const right = Math.max(0, ...body.map(({ at, size }) => (at?.x ?? PADDING) + size.width))
  const bottom = Math.max(0, ...body.map(({ at, size }) => (at?.y ?? BODY_HEAD) + size.height))
  return { width: Math.max(EMPTY_BODY.width, right + PADDING), height: Math.max(EMPTY_BODY.height, bottom + PADDING) }
}

/** Where a node's corner is on the whole canvas. */
export function absoluteOf(graph: Graph, id: string): Point {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const seen = new Set<string>()
  let at = { x: 0, y: 0 }
  for (let node = nodes.get(id); node && !seen.has(node.id); node = node.parent === null ? undefined : nodes.get(node.parent)) {
    seen.add(node.id)
    at = { x: at.x + (node.position?.x ?? 0), y: at.y + (node.position?.y ?? 0) }
  }
  return at
}

/** The innermost for-each at a point of the canvas; those in `except` do not count. */
export function bodyAt(graph: Graph, point: Point, except: ReadonlySet<string> = new Set()): string | null {
  const sizes = sizesOf(graph)
  let found: { id: string; area: number } | null = null
  for (const node of graph.nodes) {
    const size = sizes.get(node.id)
    if (node.kind !== 'for_each' || !size || except.has(node.id)) continue
    const at = absoluteOf(graph, node.id)
    const isInside = point.x >= at.x && point.x <= at.x + size.width && point.y >= at.y && point.y <= at.y + size.height
    const area = size.width * size.height
    if (isInside && (!found || area < found.area)) found = { id: node.id, area }
  }
  return found?.id ?? null
}
