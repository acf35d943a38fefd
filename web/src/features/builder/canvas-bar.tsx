import { useReactFlow, useStore } from '@xyflow/react'
import type { GraphProblem } from '../../api/types.ts'
import type { Graph, Node } from '../../canvas/graph.ts'
import { Icon } from '../../ui/icon.tsx'
import { ProblemList } from './problem-list.tsx'

/** What stands at the foot of the drawing: problems, zoom, tidying. */
export function CanvasBar(props: { problems: readonly GraphProblem[]; graph: Graph; nameOf: (node: Node) => string; canEdit: boolean; isPhone: boolean; onGo: (problem: GraphProblem) => void; onTidy: () => void; onAdd: () => void; onSettings: (() => void) | null }) {
  const flow = useReactFlow()
  const zoom = useStore((state) => state.transform[2]) // not the whole viewport: that changes with every step of a pan
  const percent = `${Math.round(zoom * 100)} %`
  return (
    <div className="canvas-bar">
      <ProblemList problems={props.problems} graph={props.graph} nameOf={props.nameOf} onGo={props.onGo} />
      <span className="grow" />
      {props.canEdit && props.isPhone && <button type="button" className="button" onClick={props.onAdd}><Icon name="plus" /> Add a step</button>}
      {props.onSettings && <button type="button" className="button" onClick={props.onSettings}>Workflow</button>}
      <div className="row zoom" role="group" aria-label="Zoom">
        <button type="button" className="button square-button" aria-label="Zoom out" onClick={() => void flow.zoomOut()}><Icon name="dash" /></button>
        {!props.isPhone && <button type="button" className="plain sub percent" aria-label={`${percent}; show at 100 %`} onClick={() => void flow.zoomTo(1)}>{percent}</button>}
        <button type="button" className="button square-button" aria-label="Zoom in" onClick={() => void flow.zoomIn()}><Icon name="plus" /></button>
        <button type="button" className="button square-button" aria-label="Show all of it" title="Show all of it" onClick={() => void flow.fitView({ padding: 0.12, maxZoom: 1 })}><Icon name="fit" /></button>
      </div>
      {props.canEdit && <button type="button" className={`button ${props.isPhone ? 'square-button' : ''}`} aria-label="Tidy up" onClick={props.onTidy}><Icon name="tidy" />{!props.isPhone && ' Tidy up'}</button>}
    </div>
  )
}
