import type { Boxes, Corners } from './layout.ts'
import type { Size } from './size.ts'

const COLUMN_GAP = 64
const ROW_GAP = 28

/**
 * Columns in the order of the lines, rows as they come: plainer than dagre, but linear and without recursion, which
 * long chains of a thousand steps overflow in dagre.
 */
export function inRanks(boxes: readonly { id: string; size: Size }[], lines: Boxes['lines']): Corners {
  const ranks = ranksOf(boxes, lines)
  const columns: { id: string; size: Size }[][] = []
  for (const box of boxes) (columns[ranks.get(box.id) ?? 0] ??= []).push(box)
  const corners: Corners = []
  let x = 0
  for (const column of columns) {
    if (!column) continue
    const height = column.reduce((sum, box) => sum + box.size.height, 0) + ROW_GAP * (column.length - 1)
    let y = -height / 2
    for (const { id, size } of column) {
      corners.push([id, { x, y }])
      y += size.height + ROW_GAP
    }
    x += Math.max(...column.map((box) => box.size.width)) + COLUMN_GAP
  }
  return corners
}

/** How many lines lead to each box at most; boxes in a circle stand where the circle was entered. */
function ranksOf(boxes: readonly { id: string }[], lines: Boxes['lines']): Map<string, number> {
  const ranks = new Map(boxes.map(({ id }) => [id, 0]))
  const known = lines.filter(({ source, target }) => ranks.has(source) && ranks.has(target))
  const targets = new Map<string, string[]>()
  const waiting = new Map<string, number>()
  for (const { source, target } of known) {
    const list = targets.get(source)
    if (list) list.push(target)
    else targets.set(source, [target])
    waiting.set(target, (waiting.get(target) ?? 0) + 1)
  }
  const ready = boxes.map(({ id }) => id).filter((id) => !waiting.has(id))
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    for (const target of targets.get(id) ?? []) {
      ranks.set(target, Math.max(ranks.get(target) ?? 0, (ranks.get(id) ?? 0) + 1))
      const left = (waiting.get(target) ?? 1) - 1
      waiting.set(target, left)
      if (left === 0) ready.push(target)
    }
  }
  return ranks
}
