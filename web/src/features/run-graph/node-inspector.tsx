import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../../api/client.ts'
import type { BuilderNode, Component, Graph, IterationCounts, NodeState } from '../../api/types.ts'
import { KIND_LABELS, titleOf } from '../../canvas/graph.ts'
import { formatCount } from '../../lib/figure.ts'
import { type Items, itemName, loopsAround, pickedAround } from '../../lib/run-graph.ts'
import { nodeLook } from '../../lib/status.ts'
import { Icon } from '../../ui/icon.tsx'
import { Moment, Took } from '../../ui/moment.tsx'
import { Bone, Problem } from '../../ui/states.tsx'
import { LookPill } from '../../ui/status-pill.tsx'
import { Foreign, Id } from '../../ui/text.tsx'
import { Inspector } from '../inspector/inspector.tsx'
import type { Run } from '../run/use-run.ts'
import { ApprovalForm } from './approval.tsx'
import { Iterations } from './iterations.tsx'

type Props = {
  run: Run
  graph: Graph
  node: BuilderNode
  title: string
  state: NodeState
  /** How the items of the innermost loop around it stand; null outside of loops. */
  around: IterationCounts | null
  items: Items
  canDecide: boolean
  isLive: boolean
  onPick: (iteration: readonly number[]) => void
  onClose: () => void
}

/** What the run did at a node: the step's own inspector where there is a step, else what the node says of itself. */
export function NodeInspector(props: Props) {
  const { run, state, graph, node } = props
  // Where one item is shown the node itself has no counts: those of its loop stand in.
  const iterations = state.iterations ?? props.around
  const list = iterations && <Iterations key={node.id} executionId={run.execution.id} graph={graph} nodeId={node.id} counts={iterations} items={props.items} isLive={props.isLive} onPick={props.onPick} />
  if (state.eventId !== null && node.kind !== 'for_each') {
    return (
      <>
        {list && <Fold summary={pickedText(graph, node.id, props.items) ?? `Of all items, ${state.status === 'failed' ? 'one that failed' : 'the newest'} is shown`}>{list}</Fold>}
        <Step run={run} executionId={state.executionId ?? run.execution.id} eventId={state.eventId} onClose={props.onClose} fallback={<Head {...props} />} />
      </>
    )
  }
  return (
    <>
      <Head {...props} />
      {state.errorMessage && <div className="failure"><div className="failure-message"><Foreign text={state.errorMessage} /></div></div>}
      {state.approval && <section><ApprovalForm executionId={run.execution.id} request={state.approval} canDecide={props.canDecide} /></section>}
      <Said node={node} state={state} graph={graph}>{list}</Said>
      {node.notes !== '' && <section><h3>Notes</h3><p className="node-notes"><Foreign text={node.notes} longest={10_000} /></p></section>}
    </>
  )
}

function Head({ node, title, state, onClose }: Pick<Props, 'node' | 'title' | 'state' | 'onClose'>) {
  return (
    <>
      <div className="inspector-head">
        <LookPill look={nodeLook(state.status)} />
        <h2><Foreign text={title} longest={200} /></h2>
        <button type="button" className="bare" aria-label="Close the step" title="Close (esc)" onClick={onClose}><Icon name="close" /></button>
      </div>
      <p className="where"><Id text={node.id} longest={80} /> · {KIND_LABELS[node.kind].toLowerCase()}</p>
    </>
  )
}

/** The items of a node in a loop, above the step of the one that is shown. */
function Fold({ summary, children }: { summary: string; children: ReactNode }) {
  return (
    <details className="items-fold">
      <summary><b>{summary}</b> <span className="sub">another item</span></summary>
      {children}
    </details>
  )
}

function pickedText(graph: Graph, nodeId: string, items: Items): string | null {
  const picked = pickedAround(graph, nodeId, items)
  return picked.length === loopsAround(graph, nodeId).length ? itemName(picked) : null
}

/** The step itself: from the list where it has come already, else asked for. It may be of a run that this one carries on. */
function Step({ run, executionId, eventId, onClose, fallback }: { run: Run; executionId: string; eventId: number; onClose: () => void; fallback: ReactNode }) {
  const isOwn = executionId === run.execution.id
  const listed = isOwn ? run.steps.find((step) => step.eventId === eventId) : undefined
  const asked = useQuery({ ...api.execution.getComponentExecution.queryOptions({ executionId, eventId }, { placeholderData: undefined }), enabled: listed === undefined })
  const step: Component | undefined = listed ?? asked.data
  if (!step) return <>{fallback}{asked.error ? <Problem error={asked.error} what="this step" retry={() => void asked.refetch()} /> : <Bone width="100%" height={120} />}</>
  return <Inspector step={step} executionId={executionId} isRunPaused={isOwn && run.execution.status === 'paused'} onClose={onClose} />
}

/** What a control node did, in a sentence and with what it was drawn to do. */
function Said({ node, state, graph, children }: { node: BuilderNode; state: NodeState; graph: Graph; children: ReactNode }) {
  const sentence = sentenceOf(node, state, graph)
  return (
    <>
      {sentence && <p>{sentence}</p>}
      {children}
      <dl className="pairs node-facts">
        {state.startedAt && <><dt>began</dt><dd><Moment iso={state.startedAt} /></dd></>}
        {state.completedAt && <><dt>ended</dt><dd><Moment iso={state.completedAt} /></dd></>}
        {(state.durationMs !== null || state.status === 'waiting_for_approval' || state.status === 'running') && state.startedAt && <><dt>took</dt><dd><Took ms={state.durationMs} since={state.startedAt} /></dd></>}
        {drawnAs(node).map(([name, text]) => (
          <div key={name} className="contents"><dt>{name}</dt><dd><code><Foreign text={text} longest={600} /></code></dd></div>
        ))}
      </dl>
    </>
  )
}

function sentenceOf(node: BuilderNode, state: NodeState, graph: Graph): ReactNode {
  if (state.status === 'skipped') return 'The run went another way, so nothing was done here.'
  if (state.status === 'not_reached') return 'The run has not come here.'
  if (node.kind === 'branch' && state.port !== null) {
    const when = node.cases.find((one) => one.port === state.port)?.when
    return <>It went <b>{state.port.replaceAll('-', ' ')}</b>{when === undefined ? ': no case was true' : ''}{nextOf(graph, node.id, state.port)}.</>
  }
  if (node.kind === 'approval' && state.port !== null) return <>It was <b>{state.port === 'timed-out' ? 'not decided in time' : state.port}</b>{nextOf(graph, node.id, state.port)}.</>
  if (node.kind === 'for_each' && state.iterations?.failed) return node.onError === 'continue' ? 'Items that failed have the result null; the others went on.' : 'An item failed, so the others were stopped.'
  if (node.kind === 'end' && state.status === 'failed') return 'The run was ended here as failed.'
  return null
}

/** `, to Reserve stock`. */
function nextOf(graph: Graph, id: string, port: string): string {
  const next = graph.edges.filter((edge) => edge.source === id && edge.port === port).flatMap((edge) => graph.nodes.find((node) => node.id === edge.target) ?? [])
  return next.length === 0 ? '' : `, to ${next.slice(0, 3).map((node) => titleOf(node)).join(', ')}`
}

/** What the drawing says of a control node. */
function drawnAs(node: BuilderNode): [string, string][] {
  const json = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
  switch (node.kind) {
    case 'branch':
      return node.cases.map((one) => [one.port.replaceAll('-', ' '), one.when])
    case 'for_each':
      return [['items', node.items], ['at once', formatCount(node.concurrency)], ...(node.result === null ? [] : [['result', node.result] as [string, string]])]
    case 'wait':
      return [['until' in node && node.until !== null ? 'until' : 'seconds', json(node.until ?? node.seconds ?? '')]]
    case 'set':
      return Object.entries(node.values).map(([name, value]) => [name, json(value)])
    case 'approval':
      return [['question', json(node.question)]]
    case 'end':
      return node.outcome === 'failed' ? [['error', node.errorType], ['message', json(node.message)]] : node.result === null ? [] : [['result', json(node.result)]]
    default:
      return []
  }
}
