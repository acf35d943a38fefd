import type { CatalogueComponent } from '../api/types.ts'
import { freshId, type Node, type NodeKind, type NodeOf } from './graph.ts'

export const NO_TIMEOUTS: NodeOf<'activity'>['timeouts'] = { startToCloseSeconds: null, scheduleToCloseSeconds: null, scheduleToStartSeconds: null, heartbeatSeconds: null }
/** What a new node gets when its component has no policy of its own: see "The four policies". */
export const FAIL_AFTER_3 = { strategy: 'fail_after', maximumAttempts: 3, initialIntervalSeconds: 1 } as const

/** What can be put on the canvas: a component of the catalogue, or a kind that needs none. */
export type Piece = { kind: Exclude<NodeKind, 'start' | 'activity'> } | { kind: 'activity'; component: CatalogueComponent }

type Base = { id: string; name: string; notes: string; position: { x: number; y: number } | null; parent: string | null }

/** A new node, as empty as its kind may be. */
export function make(piece: Piece, taken: ReadonlySet<string>): Node {
  const base: Base = { id: freshId(wordFor(piece), taken), name: '', notes: '', position: null, parent: null }
  switch (piece.kind) {
    case 'activity':
      return activity(base, piece.component)
    case 'workflow':
      return { ...base, kind: 'workflow', workflow: 'choose-a-workflow', taskQueue: null, version: null, workflowId: null, input: {}, retry: null, nonRetryableErrors: [], timeoutSeconds: null }
    case 'branch':
      return { ...base, kind: 'branch', cases: [{ port: 'yes', when: 'true' }] }
    case 'parallel':
      return { ...base, kind: 'parallel' }
    case 'join':
      return { ...base, kind: 'join', mode: 'all' }
    case 'for_each':
      return { ...base, kind: 'for_each', items: 'input.items', concurrency: 1, result: null, onError: 'stop' }
    case 'wait':
      return { ...base, kind: 'wait', seconds: 60, until: null }
    case 'approval':
      return { ...base, kind: 'approval', question: 'May it go on?', form: {}, timeoutSeconds: null }
    case 'set':
      return { ...base, kind: 'set', values: {} }
    case 'end':
      return { ...base, kind: 'end', outcome: 'completed', result: null, errorType: 'Failed', message: '' }
  }
}

function activity(base: Base, component: CatalogueComponent): NodeOf<'activity'> {
  return {
    ...base, kind: 'activity', component: component.type, taskQueue: null, input: {}, retry: component.retry ?? FAIL_AFTER_3,
    nonRetryableErrors: [], timeouts: component.timeouts,
  }
}

function wordFor(piece: Piece): string {
  if (piece.kind === 'activity') return piece.component.name
  return piece.kind === 'workflow' ? 'child' : piece.kind
}
