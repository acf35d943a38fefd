import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api } from '../../api/client.ts'
import type { Execution, Graph, RunGraph } from '../../api/types.ts'
import type { Items } from '../../lib/run-graph.ts'

const NO_ITEMS: Items = {}

/** The run on its drawing. Asked again whenever the run has moved: the page asks for that anyway. */
export function useRunGraph(execution: Execution, isWanted: boolean, items: Items = NO_ITEMS) {
  const query = useQuery({ ...api.execution.getGraph.queryOptions({ executionId: execution.id, items }), enabled: isWanted })
  const moved = `${execution.historyLength}:${execution.status}:${execution.retryCount}:${execution.currentStep?.attempt ?? 0}:${execution.syncedAt}`
  const asked = useRef(moved)
  const { refetch } = query
  useEffect(() => {
    if (asked.current === moved || !isWanted) return
    asked.current = moved
    void refetch()
  }, [moved, isWanted, refetch])
  return query
}

/** The graph of the newest answer; the same object while the drawing is the same, whatever item is looked at. */
export function useDrawing(answer: RunGraph | undefined): Graph | null {
  const held = useRef<Graph | null>(null)
  const graph = answer?.graph ?? null
  if (graph !== held.current && JSON.stringify(graph) !== JSON.stringify(held.current)) held.current = graph
  return held.current
}
