import { BaseEdge, getBezierPath, Position } from '@xyflow/react'
import { memo } from 'react'
import type { FlowEdge } from '../../canvas/flow.ts'

type Props = { id: string; sourceX: number; sourceY: number; targetX: number; targetY: number; selected?: boolean; data: FlowEdge['data'] }

/** A line from a way out to what comes next. The way for errors is dashed and says so. */
export const Line = memo(function Line({ id, sourceX, sourceY, targetX, targetY, selected, data }: Props) {
  const [path, labelX, labelY] = getBezierPath({ sourceX, sourceY, sourcePosition: Position.Right, targetX, targetY, targetPosition: Position.Left, curvature: 0.3 })
  const isError = data.tone === 'error'
  return (
    <>
      <BaseEdge id={id} path={path} className={`line-path ${isError ? 'error' : ''} ${selected ? 'chosen' : ''} ${data.trace ?? ''}`} interactionWidth={16} />
      {isError && <text className="line-label" x={labelX} y={labelY - 6}>{data.label}</text>}
    </>
  )
})

export const EDGE_TYPES = { line: Line }
