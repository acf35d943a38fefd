import { useState } from 'react'
import { Link } from '@tanstack/react-router'
import type { ApprovalRequest, Execution } from '../../api/types.ts'
import { itemName } from '../../lib/run-graph.ts'
import { isOpen } from '../../lib/status.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Foreign } from '../../ui/text.tsx'
import { ApprovalForm } from './approval.tsx'
import { useRunGraph } from './use-run-graph.ts'
import './run-graph.css'

const MOST = 3

/** At the head of the run's page: what waits for a person, so that nobody has to find the node first. */
export function Waiting({ execution, canDecide }: { execution: Execution; canDecide: boolean }) {
  const graph = useRunGraph(execution, execution.version !== null && isOpen(execution.status))
  const [answering, setAnswering] = useState<ApprovalRequest | null>(null)
  if (!isOpen(execution.status)) return null
  const waiting = graph.data?.nodes.flatMap((state) => state.approval ?? []) ?? []
  return (
    <>
      {waiting.slice(0, MOST).map((request) => (
        <div key={`${request.nodeId}:${request.iteration.join()}`} className="notice wait-notice" data-testid="waiting">
          <Icon name="person" />
          <span className="grow">
            Waiting for a decision: <b><Foreign text={request.question ?? 'its question is hidden from you'} longest={300} /></b>
            {request.iteration.length > 0 && <span className="sub"> · {itemName(request.iteration)}</span>}
            {!canDecide && <span className="sub"> · an owner or editor of the project decides</span>}
          </span>
          <span className="row notice-action">
            <Link to="/executions/$executionId/graph" params={{ executionId: execution.id }} search={{ node: request.nodeId }}>On the drawing</Link>
            {canDecide && <button type="button" className="button primary" onClick={() => setAnswering(request)}>Decide…</button>}
          </span>
        </div>
      ))}
      {waiting.length > MOST && <p className="sub">{waiting.length - MOST} more wait for a decision; the drawing shows where.</p>}
      {answering && (
        <Dialog title="A decision" onClose={() => setAnswering(null)}>
          <ApprovalForm executionId={execution.id} request={answering} canDecide={canDecide} onDone={() => setAnswering(null)} />
        </Dialog>
      )}
    </>
  )
}
