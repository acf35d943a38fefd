import { useReactFlow } from '@xyflow/react'
import { Icon } from '../../ui/icon.tsx'

/** Zoom, and the way to what matters in the run. */
export function RunCanvasBar({ first, onGo }: { first: { id: string; label: string } | null; onGo: (id: string) => void }) {
  const flow = useReactFlow()
  const go = (id: string): void => {
    onGo(id)
    void flow.fitView({ nodes: [{ id }], maxZoom: Math.min(1, Math.max(flow.getZoom(), 0.7)), padding: 0.6 })
  }
  return (
    <div className="canvas-bar">
      {first && <button type="button" className="button" onClick={() => go(first.id)}>{first.label}</button>}
      <span className="grow" />
      <div className="row zoom" role="group" aria-label="Zoom">
        <button type="button" className="button square-button" aria-label="Zoom out" onClick={() => void flow.zoomOut()}><Icon name="dash" /></button>
        <button type="button" className="button square-button" aria-label="Zoom in" onClick={() => void flow.zoomIn()}><Icon name="plus" /></button>
        <button type="button" className="button square-button" aria-label="Show all of it" title="Show all of it" onClick={() => void flow.fitView({ padding: 0.1, maxZoom: 1 })}><Icon name="fit" /></button>
      </div>
    </div>
  )
}
