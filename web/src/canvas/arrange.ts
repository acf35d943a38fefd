import { Graph as DagreGraph, layout as dagre } from '@dagrejs/dagre'
import type { Point } from './graph.ts'
import type { Boxes, Corners } from './layout.ts'
import { inRanks } from './ranks.ts'
import { around, BODY_HEAD, PADDING, type Size } from './size.ts'

/** Above this dagre takes seconds, and its recursion overflows on long chains. */
const LARGEST = 600

/** Where each box goes, from left to right in the order of the lines; bodies first, because what is around them grows with them. */
export function layOut({ boxes, lines }: Boxes): Corners {
  const corners: Corners = []
  const seen = new Set<string | null>()
  const room = (parent: string | null): Size => {
    if (seen.has(parent)) return { width: 0, height: 0 }
    seen.add(parent)
    const inside = boxes.filter((box) => box.parent === parent).map((box) => ({ ...box, size: box.isBody ? room(box.id) : box.size }))
    const placed = arrange(inside, lines, parent === null ? { x: 0, y: 0 } : { x: PADDING * 2, y: BODY_HEAD })
    corners.push(...placed)
    const at = new Map(placed)
    return around(inside.map((box) => ({ at: at.get(box.id) ?? null, size: box.size })))
  }
  room(null)
  return corners
}

function arrange(boxes: { id: string; size: Size }[], lines: Boxes['lines'], origin: Point): Corners {
  if (boxes.length === 0) return []
  return shifted(boxes.length > LARGEST ? inRanks(boxes, lines) : byDagre(boxes, lines), origin)
}

function byDagre(boxes: { id: string; size: Size }[], lines: Boxes['lines']): Corners {
  const graph = new DagreGraph({ multigraph: false })
  graph.setGraph({ rankdir: 'LR', ranksep: 64, nodesep: 28 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id, size } of boxes) graph.setNode(id, { width: size.width, height: size.height })
  for (const { source, target } of lines) if (graph.hasNode(source) && graph.hasNode(target)) graph.setEdge(source, target)
  dagre(graph)
  return boxes.map(({ id, size }) => {
    const middle = graph.node(id) as { x: number; y: number }
    return [id, { x: middle.x - size.width / 2, y: middle.y - size.height / 2 }]
  })
}

function shifted(corners: Corners, origin: Point): Corners {
  const left = corners.reduce((least, [, at]) => Math.min(least, at.x), Number.POSITIVE_INFINITY)
  const top = corners.reduce((least, [, at]) => Math.min(least, at.y), Number.POSITIVE_INFINITY)
  return corners.map(([id, { x, y }]) => [id, { x: Math.round(x - left + origin.x), y: Math.round(y - top + origin.y) }])
}
