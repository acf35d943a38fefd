import type { Graph, RunGraph } from '../../api/types.ts'
import { nodeOf, titleOf } from '../../canvas/graph.ts'
import { formatCount } from '../../lib/figure.ts'
import { type Items, loopsAround, withoutItem } from '../../lib/run-graph.ts'
import { Icon } from '../../ui/icon.tsx'
import { Foreign } from '../../ui/text.tsx'

/** Which item of each loop the drawing shows, with the way to the next, and back to all. */
export function PickedItems({ graph, lit, items, onItems }: { graph: Graph; lit: RunGraph; items: Items; onItems: (items: Items) => void }) {
  const loops = Object.entries(items).filter(([id]) => nodeOf(graph, id)?.kind === 'for_each').sort(([one], [other]) => loopsAround(graph, one).length - loopsAround(graph, other).length)
  if (loops.length === 0) return null
  return (
    <ul className="picked-items" aria-label="Items that are shown">
      {loops.map(([id, item]) => {
        const node = nodeOf(graph, id)
        const total = lit.nodes.find((state) => state.nodeId === id)?.iterations?.total ?? null
        const show = (next: number): void => onItems({ ...withoutItem(graph, items, id), [id]: next })
        return (
          <li key={id} className="panel">
            <span className="clip"><b><Foreign text={node ? titleOf(node) : id} longest={40} /></b></span>
            <button type="button" className="bare small" aria-label="The item before" disabled={item === 0} onClick={() => show(item - 1)}><Icon name="left" /></button>
            <span className="nowrap">item {formatCount(item + 1)}{total !== null && ` of ${formatCount(total)}`}</span>
            <button type="button" className="bare small" aria-label="The next item" disabled={total !== null && item + 1 >= total} onClick={() => show(item + 1)}><Icon name="right" /></button>
            <button type="button" className="plain nowrap" onClick={() => onItems(withoutItem(graph, items, id))}>all items</button>
          </li>
        )
      })}
    </ul>
  )
}
