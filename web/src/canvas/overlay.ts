/** What a run did, laid over the drawing after it was laid out: a run that goes on moves nothing. */
import type { FlowNode } from './flow.ts'

export type NodeStatus =
  | 'pending' | 'running' | 'retrying' | 'paused' | 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed_out'
  | 'continued_as_new' | 'abandoned' | 'unknown' | 'skipped' | 'not_reached' | 'waiting_for_approval'

export type NodeState = {
  nodeId: string
  status: NodeStatus
  durationMs: number | null
  attempt: number | null
  errorMessage: string | null
  port: string | null
  iterations: { total: number | null; completed: number; failed: number; running: number } | null
}

/** The nodes with their states; those whose state did not change stay the same objects. */
export function overlay(nodes: readonly FlowNode[], states: readonly NodeState[]): FlowNode[] {
  const found = new Map(states.map((state) => [state.nodeId, state]))
  return nodes.map((node) => {
    const state = found.get(node.id) ?? null
    return isSameState(node.data.state, state) ? node : { ...node, data: { ...node.data, state } }
  })
}

function isSameState(one: NodeState | null, other: NodeState | null): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

/** The edges that the run took: those from the port at which their node ended. */
export function takenPorts(states: readonly NodeState[]): ReadonlySet<string> {
  return new Set(states.flatMap((state) => (state.port === null ? [] : [`${state.nodeId}:${state.port}`])))
}
