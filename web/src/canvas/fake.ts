import type { Graph, Node } from './graph.ts'
import { NO_TIMEOUTS } from './make.ts'

/** Values for tests: a node of a kind with everything that the kind needs. */
export function fakeNode<Kind extends Node['kind']>(kind: Kind, id: string, overrides: Partial<Extract<Node, { kind: Kind }>> = {}): Node {
  const base = { id, name: '', notes: '', position: null, parent: null }
  const kinds: { [K in Node['kind']]: Omit<Extract<Node, { kind: K }>, keyof typeof base> } = {
    start: { kind: 'start' },
    activity: { kind: 'activity', component: 'payments.capture', taskQueue: null, input: {}, retry: null, nonRetryableErrors: [], timeouts: NO_TIMEOUTS },
    workflow: { kind: 'workflow', workflow: 'reserve', taskQueue: null, version: null, workflowId: null, input: null, retry: null, nonRetryableErrors: [], timeoutSeconds: null },
    branch: { kind: 'branch', cases: [{ port: 'yes', when: 'true' }] },
    parallel: { kind: 'parallel' },
    join: { kind: 'join', mode: 'all' },
    for_each: { kind: 'for_each', items: 'input.items', concurrency: 1, result: null, onError: 'stop' },
    wait: { kind: 'wait', seconds: 60, until: null },
    approval: { kind: 'approval', question: '', form: {}, timeoutSeconds: null },
    set: { kind: 'set', values: {} },
    end: { kind: 'end', outcome: 'completed', result: null, errorType: 'Failed', message: '' },
  }
  return { ...base, ...kinds[kind], ...overrides } as Node
}

export function fakeGraph(nodes: Node[], lines: [source: string, target: string, port?: string][] = []): Graph {
  return {
    format: 'watchglass/workflow/v1', name: 'orders', description: '', taskQueue: null, inputSchema: { type: 'object', properties: {} }, nodes,
    edges: lines.map(([source, target, port]) => ({ source, target, port: port ?? 'next' })),
  }
}
