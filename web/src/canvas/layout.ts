import { EACH, type Graph, type Point } from './graph.ts'
import { type Size, sizesOf } from './size.ts'

/** As little as the worker has to know of a graph. */
export type Boxes = { boxes: { id: string; parent: string | null; size: Size; isBody: boolean }[]; lines: { source: string; target: string }[] }
export type Corners = [id: string, corner: Point][]

export function boxesOf(graph: Graph): Boxes {
  const sizes = sizesOf(graph)
  return {
    boxes: graph.nodes.map((node) => ({ id: node.id, parent: node.parent, size: sizes.get(node.id) ?? { width: 0, height: 0 }, isBody: node.kind === 'for_each' })),
    lines: graph.edges.filter((edge) => edge.port !== EACH).map(({ source, target }) => ({ source, target })),
  }
}

/** The graph with the corners that were found. `all`: also of nodes that somebody placed (Tidy up). */
export function placed(graph: Graph, corners: Corners, all: boolean): Graph {
  const at = new Map(corners)
  // Half of a drawing placed by hand and half by rule lies over each other: a scope is laid out as a whole.
  const loose = new Set(graph.nodes.filter((node) => node.position === null).map((node) => node.parent))
  return { ...graph, nodes: graph.nodes.map((node) => (all || loose.has(node.parent) ? { ...node, position: at.get(node.id) ?? node.position } : node)) }
}

export const isPlaced = (graph: Graph): boolean => graph.nodes.every((node) => node.position !== null)
