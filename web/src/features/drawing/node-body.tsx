import { Handle, Position, useUpdateNodeInternals } from '@xyflow/react'
import { memo, useEffect, useRef } from 'react'
import type { NodeData } from '../../canvas/flow.ts'
import { ERROR, EACH, type Node, portsOf } from '../../canvas/graph.ts'
import { hasRows, HEAD, ROW } from '../../canvas/size.ts'
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
    <div className={`node ${isSmall ? 'small' : ''} kind-${node.kind} ${selected ? 'chosen' : ''} ${data.problem ? `has-${data.problem.severity}` : ''}`}>
      {node.kind !== 'start' && <Handle type="target" position={Position.Left} {...(hasRows(node) && { style: { top: HEAD / 2 } })} />}
      <Head data={data} />
      {!isSmall && data.subtitle !== '' && <div className="node-sub"><Foreign text={data.subtitle} longest={60} /></div>}
      {data.hint !== '' && <div className="node-sub">{data.hint}</div>}
      {hasRows(node) ? <Rows node={node} /> : ports.filter((port) => port !== ERROR).map((port) => <Handle key={port} id={port} type="source" position={Position.Right} />)}
      {ports.includes(ERROR) && <ErrorPort top={58} />}
    </div>
  )
})

/** A for-each, drawn around its body. */
export const BodyNode = memo(function BodyNode({ id, data, selected }: Props) {
  useMovedPorts(id, portsOf(data.node))
  return (
    <div className={`node body ${selected ? 'chosen' : ''} ${data.problem ? `has-${data.problem.severity}` : ''}`}>
      <Handle type="target" position={Position.Left} style={{ top: 26 }} />
      <Head data={data} />
      <div className="node-sub"><Foreign text={data.subtitle} longest={60} /></div>
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
    </div>
  )
}

/** The ways out of a branch or an approval, a row each. */
function Rows({ node }: { node: Node }) {
  const conditions = node.kind === 'branch' ? new Map(node.cases.map((one) => [one.port, one.when])) : new Map<string, string>()
  return (
    <ul className="node-rows">
      {portsOf(node).map((port, at) => (
        <li key={port} title={conditions.get(port)}>
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
      <span className="error-label" aria-hidden="true" style={{ top: top - 8 }}>error</span>
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
