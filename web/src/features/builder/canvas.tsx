import { applyNodeChanges, Background, type Edge as RfEdge, type FitViewOptions, MiniMap, type Node as RfNode, type NodeChange, type OnConnectEnd, ReactFlow, useReactFlow, useStore } from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { type DragEvent, useEffect, useMemo, useState } from 'react'
import { connect, refusalOf } from '../../canvas/connect.ts'
import { addAt, drop } from '../../canvas/edit.ts'
import { type FlowEdge, type FlowNode, keepSame, type Look, toFlow } from '../../canvas/flow.ts'
import type { Edge, Graph, Point } from '../../canvas/graph.ts'
import { WIDTH } from '../../canvas/size.ts'
import { EDGE_TYPES } from '../drawing/line.tsx'
import { NODE_TYPES } from '../drawing/node-body.tsx'
import { DRAGGED } from './catalogue.tsx'
import type { Listed } from './pieces.ts'
import { afterSelecting, NOTHING, only, type Selection } from './selection.ts'
import type { Editing } from './use-draft.ts'
import '../drawing/drawing.css'

type ShownNode = RfNode<FlowNode['data'], 'step' | 'body'>
type ShownEdge = RfEdge<FlowEdge['data'], 'line'>

/** From here on a map of the whole helps more than it hides. */
const MANY = 30
/** Below this zoom nobody can read the small print: it is left out, which halves the work of drawing all of 300 nodes. */
const FAR = 0.35
/** A drawing begins no smaller than about this. */
const READABLE = 0.65
/** From here on only what is in sight is in the document. */
const HUGE = 120

type Props = {
  editing: Editing
  look: Look
  selection: Selection
  pieces: Listed[]
  canEdit: boolean
  isPhone: boolean
  /** Where the drawing begins: at this node, else as a whole. */
  first: string | undefined
  onSelect: (change: (before: Selection) => Selection) => void
  onRefused: (sentence: string) => void
}

/** The drawing, and every change to it that a pointer can make. */
export function Canvas({ editing, look, selection, pieces, canEdit, isPhone, first, onSelect, onRefused }: Props) {
  const { graph, apply } = editing
  const flow = useReactFlow()
  const drawn = useMemo(() => toFlow(graph, look), [graph, look])
  const [nodes, setNodes] = useState<ShownNode[]>(() => merged([], drawn.nodes, selection.nodes))
  useEffect(() => setNodes((before) => merged(before, drawn.nodes, selection.nodes)), [drawn, selection.nodes])
  const [edges, setEdges] = useState<ShownEdge[]>(() => mergedEdges([], drawn.edges, selection.edges))
  useEffect(() => setEdges((before) => mergedEdges(before, drawn.edges, selection.edges)), [drawn, selection.edges])
  const isFar = useStore((state) => state.transform[2] < FAR)

  const changeNodes = (changes: NodeChange<ShownNode>[]): void => {
    setNodes((before) => applyNodeChanges(changes.filter((change) => change.type === 'position' || change.type === 'dimensions'), before))
    onSelect((before) => afterSelecting(before, 'nodes', changes))
    // While it is dragged only the drawing follows; where it comes to rest is a change of the graph. Arrow keys rest at once.
    const corners = new Map<string, Point>()
    for (const change of changes) if (change.type === 'position' && !change.dragging && change.position) corners.set(change.id, change.position)
    if (corners.size > 0 && canEdit) apply((before) => drop(before, corners), `move:${[...corners.keys()].join()}`)
  }
  const refused: OnConnectEnd = (_, state) => {
    if (state.isValid !== false || !state.fromHandle || !state.toHandle) return
    const isForwards = state.fromHandle.type === 'source'
    const [from, to] = isForwards ? [state.fromHandle, state.toHandle] : [state.toHandle, state.fromHandle]
    const sentence = from.type === to.type ? 'A line leads from a way out on the right of a step to the left side of another.' : refusalOf(graph, { source: from.nodeId, port: from.id ?? '', target: to.nodeId }, { nameOf: (one) => nodes.find(({ id }) => id === one.id)?.data.title ?? one.id })
    if (sentence) onRefused(sentence)
  }
  const dropPiece = (event: DragEvent): void => {
    const piece = pieces.find((one) => one.key === event.dataTransfer.getData(DRAGGED))
    if (!piece || !canEdit) return
    event.preventDefault()
    const added = addAt(graph, piece.piece, flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }))
    apply(() => added.graph)
    onSelect(() => only(added.id))
  }
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      edgeTypes={EDGE_TYPES}
      onNodesChange={changeNodes}
      onEdgesChange={(changes) => onSelect((before) => afterSelecting(before, 'edges', changes as { id: string; type: string }[]))}
      onConnect={(line) => apply((before) => outcome(before, { source: line.source, port: line.sourceHandle ?? '', target: line.target }))}
      onConnectEnd={refused}
      onNodeDragStart={editing.seal}
      onNodeDragStop={editing.seal}
      onPaneClick={() => onSelect(() => NOTHING)}
      isValidConnection={(line) => refusalOf(graph, { source: line.source, port: line.sourceHandle ?? '', target: line.target }) === null}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(DRAGGED)) return
        event.preventDefault()
        event.dataTransfer.dropEffect = 'copy'
      }}
      onDrop={dropPiece}
      nodesDraggable={canEdit && !isPhone}
      nodesConnectable={canEdit && !isPhone}
      className={isFar ? 'far' : ''}
      onlyRenderVisibleElements={graph.nodes.length > HUGE}
      deleteKeyCode={null}
      disableKeyboardA11y={false}
      zIndexMode="manual"
      elevateNodesOnSelect={false}
      minZoom={0.1}
      maxZoom={2}
      fitView
      fitViewOptions={firstView(graph, first, Math.max(420, (window.innerWidth - (isPhone ? 60 : 800)) / READABLE))}
      snapToGrid
      snapGrid={[4, 4]}
      nodeDragThreshold={3}
      connectionRadius={24}
      aria-label="Drawing of the workflow"
    >
      <Background gap={18} size={1.4} />
      {graph.nodes.length > MANY && !isPhone && <MiniMap pannable zoomable position="top-right" ariaLabel="Map of the drawing" nodeClassName={classOnMap} style={{ width: 160, height: 100 }} />}
    </ReactFlow>
  )
}

/** A drawing that is too long to be read as a whole begins where its runs begin. */
function firstView(graph: Graph, first: string | undefined, readable: number): FitViewOptions {
  if (first !== undefined && graph.nodes.some((node) => node.id === first)) return { nodes: [{ id: first }], maxZoom: 0.8, padding: 0.6 }
  const outer = graph.nodes.filter((node) => node.parent === null)
  const left = Math.min(...outer.map((node) => node.position?.x ?? 0))
  const near = outer.filter((node) => (node.position?.x ?? 0) - left + WIDTH <= readable)
  return { nodes: near.map(({ id }) => ({ id })), padding: 0.08, maxZoom: 1 }
}

const classOnMap = (node: ShownNode): string => (node.selected ? 'chosen' : node.data.problem?.severity === 'error' ? 'problem' : '')

function outcome(graph: Graph, edge: Edge): Graph {
  const connected = connect(graph, edge)
  return 'graph' in connected ? connected.graph : graph
}

/** The nodes as they are drawn now; what did not change stays the same object. */
function merged(before: readonly ShownNode[], after: readonly FlowNode[], chosen: ReadonlySet<string>): ShownNode[] {
  const known = new Map(before.map((node) => [node.id, node]))
  const next = after.map((node): ShownNode => {
    const old = known.get(node.id)
    // The sizes are known, so nothing has to be measured before the drawing can be fitted; ports still are.
    const shown = { ...node, selected: chosen.has(node.id), measured: { width: node.width, height: node.height } }
    return old?.dragging ? { ...shown, position: old.position, dragging: true } : shown // an answer of the server must not take it out of the hand
  })
  return keepSame(before, next, isSame)
}

function mergedEdges(before: readonly ShownEdge[], after: readonly FlowEdge[], chosen: ReadonlySet<string>): ShownEdge[] {
  const next = after.map((edge): ShownEdge => ({ ...edge, selected: chosen.has(edge.id) }))
  return keepSame(before, next, (one, other) => one.selected === other.selected && one.zIndex === other.zIndex && one.ariaLabel === other.ariaLabel)
}

function isSame(one: ShownNode, other: ShownNode): boolean {
  const { data: a } = one
  const { data: b } = other
  return (
    one.selected === other.selected && one.position.x === other.position.x && one.position.y === other.position.y && one.parentId === other.parentId &&
    one.width === other.width && one.height === other.height && one.zIndex === other.zIndex && a.node === b.node && a.title === b.title &&
    a.icon === b.icon && a.state === b.state && a.problem?.text === b.problem?.text && a.problem?.severity === b.problem?.severity
  )
}
