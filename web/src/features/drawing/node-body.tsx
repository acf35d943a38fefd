import { Handle, Position, useUpdateNodeInternals } from '@xyflow/react'
import { memo, useEffect, useRef } from 'react'
import type { NodeState } from '../../api/types.ts'
import type { NodeData } from '../../canvas/flow.ts'
import { ERROR, EACH, type Node, portsOf } from '../../canvas/graph.ts'
import { hasRows, HEAD, ROW } from '../../canvas/size.ts'
import { isPassedOver, stateText } from '../../lib/run-graph.ts'
import { nodeLook } from '../../lib/status.ts'
import { componentIcon, Icon } from '../../ui/icon.tsx'
import { Foreign } from '../../ui/text.tsx'

type Props = { id: string; data: NodeData; selected: boolean }

/** One node on the canvas. Its size is known beforehand (`canvas/size.ts`), so that a drawing needs no second look. */
export const StepNode = memo(function StepNode({ id, data, selected }: Props) {
  const { node } = data
  const ports = portsOf(node)
  useMovedPorts(id, ports)
  const isSmall = node.kind === 'start' || node.kind === 'parallel' || node.kind === 'join'
  return (
    <div className={`node ${isSmall ? 'small' : ''} kind-${node.kind} ${selected ? 'chosen' : ''} ${data.problem ? `has-${data.problem.severity}` : ''} ${stateClass(data.state)}`}>
      {node.kind !== 'start' && <Handle type="target" position={Position.Left} {...(hasRows(node) && { style: { top: HEAD / 2 } })} />}
      <Head data={data} />
      {!isSmall && data.subtitle !== '' && !(data.state && hasRows(node)) && <div className="node-sub"><Foreign text={data.subtitle} longest={60} /></div>}
      {data.state ? !isSmall && <StateLine state={data.state} /> : data.hint !== '' && <div className="node-sub">{data.hint}</div>}
      {hasRows(node) ? <Rows node={node} ended={data.state?.port ?? null} /> : ports.filter((port) => port !== ERROR).map((port) => <Handle key={port} id={port} type="source" position={Position.Right} />)}
      {ports.includes(ERROR) && <ErrorPort top={58} />}
    </div>
  )
})

/** A for-each, drawn around its body. */
export const BodyNode = memo(function BodyNode({ id, data, selected }: Props) {
  useMovedPorts(id, portsOf(data.node))
  return (
    <div className={`node body ${selected ? 'chosen' : ''} ${data.problem ? `has-${data.problem.severity}` : ''} ${stateClass(data.state)}`}>
      <Handle type="target" position={Position.Left} style={{ top: 26 }} />
      <Head data={data} />
      {data.state ? <StateLine state={data.state} /> : <div className="node-sub"><Foreign text={data.subtitle} longest={60} /></div>}
      <span className="each-label" aria-hidden="true">each</span>
      <Handle id={EACH} type="source" position={Position.Right} className="each" style={{ top: 98, left: 6, right: 'auto' }} />
      <Handle id="next" type="source" position={Position.Right} style={{ top: 26 }} />
      <ErrorPort top={48} />
    </div>
  )
})

function Head({ data }: { data: NodeData }) {
  return (
    <div className="node-head">
      <Icon name={componentIcon(data.icon)} />
      <b className="clip" title={data.title}><Foreign text={data.title} longest={60} /></b>
      {data.problem && (
        <span className={`node-mark ${data.problem.severity}`} title={data.problem.text}><Icon name="alert" /></span>
      )}
      {data.state && <StateDot state={data.state} />}
    </div>
  )
}

function StateDot({ state }: { state: NodeState }) {
  const look = nodeLook(state.status)
  return <span className={`node-dot ${look.tone}`} title={look.label}><Icon name={look.icon} /></span>
}

/** In a run: the word, and what it took. */
function StateLine({ state }: { state: NodeState }) {
  const look = nodeLook(state.status)
  const more = stateText(state)
  const isJudged = state.retryVerdict === 'unexpected'
  const isCount = state.iterations !== null && !isPassedOver(state.status)
  return (
    <div className={`node-state tone-${look.tone}`} title={[look.label, more, isJudged && 'not as the retry policy says'].filter(Boolean).join(' · ')}>
      {isCount ? more : <><b>{look.label}</b>{more && ` · ${more}`}</>}
      {isJudged && <span className="node-judged"><Icon name="alert" /></span>}
    </div>
  )
}

const stateClass = (state: NodeState | null): string => (state === null ? '' : isPassedOver(state.status) ? 'ran passed' : `ran state-${nodeLook(state.status).tone}`)

/** The ways out of a branch or an approval, a row each. `ended`: the one that a run went. */
function Rows({ node, ended }: { node: Node; ended: string | null }) {
  const conditions = node.kind === 'branch' ? new Map(node.cases.map((one) => [one.port, one.when])) : new Map<string, string>()
  return (
    <ul className="node-rows">
      {portsOf(node).map((port, at) => (
        <li key={port} title={conditions.get(port)} className={port === ended ? 'ended' : ''}>
          <span className="port-name">{port.replaceAll('-', ' ')}</span>
          {conditions.has(port) && <code className="clip">{conditions.get(port)}</code>}
          <Handle id={port} type="source" position={Position.Right} style={{ top: at * ROW + ROW / 2 }} />
        </li>
      ))}
    </ul>
  )
}

function ErrorPort({ top }: { top: number }) {
  return (
    <>
      <span className="error-label" aria-hidden="true" style={{ top: top - 8 }}>fails</span>
      <Handle id={ERROR} type="source" position={Position.Right} className="error" style={{ top }} />
    </>
  )
}

/** React Flow measures ports once; after one came or went it has to be told. Telling it at first costs seconds at 300 nodes. */
function useMovedPorts(id: string, ports: string[]): void {
  const update = useUpdateNodeInternals()
  const all = ports.join()
  const measured = useRef(all)
  useEffect(() => {
    if (measured.current === all) return
    measured.current = all
    update(id)
  }, [id, all, update])
}

export const NODE_TYPES = { step: StepNode, body: BodyNode }
