import { Background, type Edge as RfEdge, type FitViewOptions, MiniMap, type Node as RfNode, type NodeChange, ReactFlow, useReactFlow, useStore } from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { useEffect, useMemo, useRef } from 'react'
import type { CatalogueComponent, Graph, RunGraph } from '../../api/types.ts'
import { type FlowEdge, type FlowNode, toFlow } from '../../canvas/flow.ts'
import { overlay, traced } from '../../canvas/overlay.ts'
import { isPassedOver } from '../../lib/run-graph.ts'
import { nodeLook } from '../../lib/status.ts'
import { EDGE_TYPES } from '../drawing/line.tsx'
import { NODE_TYPES } from '../drawing/node-body.tsx'
import '../drawing/drawing.css'

type ShownNode = RfNode<FlowNode['data'], 'step' | 'body'>
type ShownEdge = RfEdge<FlowEdge['data'], 'line'>

/** From here on a map of the whole helps more than it hides. */
const MANY = 30
/** Below this zoom nobody can read the small print: it is left out. */
const FAR = 0.35
/** From here on only what is in sight is in the document. */
const HUGE = 120

type Props = {
  graph: Graph
  run: RunGraph
  components: ReadonlyMap<string, CatalogueComponent>
  selected: string | null
  /** Where the drawing begins when it is too large to be read as a whole. */
  first: string | null
  isPhone: boolean
  onSelect: (id: string | null) => void
}

/** The drawing as the run went through it. Nothing can be moved here. */
export function RunCanvas({ graph, run, components, selected, first, isPhone, onSelect }: Props) {
  const drawn = useMemo(() => toFlow(graph, { components, problems: [] }), [graph, components])
  const nodes = useShownNodes(drawn.nodes, run, selected)
  const edges = useMemo((): ShownEdge[] => traced(drawn.edges, graph, run.takenEdges, run.failingPath), [drawn, graph, run.takenEdges, run.failingPath])
  useInView(selected)
  const isFar = useStore((state) => state.transform[2] < FAR)
  const change = (changes: NodeChange<ShownNode>[]): void => {
    const chosen = changes.find((one) => one.type === 'select' && one.selected)
    if (chosen?.type === 'select') onSelect(chosen.id)
    else if (changes.some((one) => one.type === 'select' && one.id === selected)) onSelect(null)
  }
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      edgeTypes={EDGE_TYPES}
      onNodesChange={change}
      onPaneClick={() => onSelect(null)}
      nodesDraggable={false}
      nodesConnectable={false}
      edgesFocusable={false}
      elementsSelectable
      className={`lit ${isFar ? 'far' : ''}`}
      onlyRenderVisibleElements={graph.nodes.length > HUGE}
      deleteKeyCode={null}
      selectionKeyCode={null}
      multiSelectionKeyCode={null}
      zIndexMode="manual"
      elevateNodesOnSelect={false}
      minZoom={0.1}
      maxZoom={2}
      fitView
      fitViewOptions={firstView(graph, selected ?? first, isPhone)}
      aria-label="Drawing of the run"
    >
      <Background gap={18} size={1.4} />
      {graph.nodes.length > MANY && !isPhone && <MiniMap pannable zoomable position="top-right" ariaLabel="Map of the drawing" nodeClassName={classOnMap} style={{ width: 160, height: 100 }} />}
    </ReactFlow>
  )
}

/** What is selected stays in sight, wherever it was selected and however narrow the drawing becomes. */
function useInView(selected: string | null): void {
  const flow = useReactFlow()
  const width = useStore((state) => state.width)
  const height = useStore((state) => state.height)
  useEffect(() => {
    const box = selected === null || width === 0 ? undefined : flow.getInternalNode(selected)
    if (!box) return
    const { x, y, zoom } = flow.getViewport()
    const at = { x: box.internals.positionAbsolute.x, y: box.internals.positionAbsolute.y }
    const size = { width: box.measured.width ?? 0, height: Math.min(box.measured.height ?? 0, height / zoom) }
    const left = at.x * zoom + x
    const top = at.y * zoom + y
    const isSeen = left >= 0 && top >= 0 && left + Math.min(size.width * zoom, width) <= width && top + size.height * zoom <= height
    if (!isSeen) void flow.setCenter(at.x + size.width / 2, at.y + size.height / 2, { zoom: Math.max(zoom, 0.5) })
  }, [flow, selected, width, height])
}

/** What React Flow draws; nodes of which nothing changed stay the same objects. */
function useShownNodes(drawn: readonly FlowNode[], run: RunGraph, selected: string | null): ShownNode[] {
  const held = useRef<{ drawn: readonly FlowNode[]; laid: FlowNode[]; shown: Map<FlowNode, ShownNode> }>({ drawn: [], laid: [], shown: new Map() })
  return useMemo(() => {
    const before = held.current
    const failing = new Set(run.failingPath)
    const laid = overlay(before.drawn === drawn ? before.laid : drawn, run.nodes)
    const shown = new Map<FlowNode, ShownNode>()
    for (const node of laid) {
      const old = before.shown.get(node)
      const className = failing.has(node.id) ? 'on-failing-path' : ''
      const isSelected = node.id === selected
      shown.set(node, old && old.selected === isSelected && old.className === className ? old : { ...node, className, selected: isSelected, measured: { width: node.width, height: node.height } })
    }
    held.current = { drawn, laid, shown }
    return [...shown.values()]
  }, [drawn, run.nodes, run.failingPath, selected])
}

/** The whole where it can be read, else what matters most. */
function firstView(graph: Graph, first: string | null, isPhone: boolean): FitViewOptions {
  const readable = isPhone ? 460 : 1500
  const outer = graph.nodes.filter((node) => node.parent === null)
  const left = Math.min(...outer.map((node) => node.position?.x ?? 0))
  const right = Math.max(...outer.map((node) => node.position?.x ?? 0))
  if (right - left <= readable) return { padding: 0.1, maxZoom: 1 }
  if (first !== null) return { nodes: [{ id: first }], maxZoom: 0.9, padding: 0.6 }
  return { nodes: outer.filter((node) => (node.position?.x ?? 0) - left <= readable * 0.7).map(({ id }) => ({ id })), padding: 0.1, maxZoom: 1 }
}

function classOnMap(node: ShownNode): string {
  const status = node.data.state?.status
  return [node.selected ? 'chosen' : '', status === undefined || isPassedOver(status) ? '' : `map-${nodeLook(status).tone}`].join(' ')
}
