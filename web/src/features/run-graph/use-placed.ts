import { useEffect, useState } from 'react'
import type { Graph } from '../../api/types.ts'
import { boxesOf, isPlaced, placed } from '../../canvas/layout.ts'
import { layOutBeside } from '../../canvas/layout-worker.ts'

type Found = { of: Graph; graph: Graph } | { of: Graph; error: unknown }

/** The drawing with a place for every node: what nobody placed is laid out beside the page. */
export function usePlaced(graph: Graph): { graph: Graph | null; error: unknown } {
  const [found, setFound] = useState<Found | null>(null)
  useEffect(() => {
    if (isPlaced(graph)) return
    let isOver = false
    layOutBeside(boxesOf(graph)).then(
      (corners) => isOver || setFound({ of: graph, graph: placed(graph, corners, false) }),
      (error: unknown) => isOver || setFound({ of: graph, error }),
    )
    return () => {
      isOver = true
    }
  }, [graph])
  if (isPlaced(graph)) return { graph, error: null }
  if (found?.of !== graph) return { graph: null, error: null }
  return 'graph' in found ? { graph: found.graph, error: null } : { graph: null, error: found.error }
}
