import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ReactFlowProvider } from '@xyflow/react'
import { lazy, Suspense, useEffect, useMemo } from 'react'
import { api } from '../api/client.ts'
import type { Graph, RunGraph } from '../api/types.ts'
import { nodeOf, titleOf } from '../canvas/graph.ts'
import { useShortcuts } from '../features/keyboard.ts'
import { RunFrame } from '../features/run/run-frame.tsx'
import type { Run } from '../features/run/use-run.ts'
import { RunCanvasBar } from '../features/run-graph/canvas-bar.tsx'
import { NodeInspector } from '../features/run-graph/node-inspector.tsx'
import { PickedItems } from '../features/run-graph/picked-items.tsx'
import { RunCanvas } from '../features/run-graph/run-canvas.tsx'
import { usePlaced } from '../features/run-graph/use-placed.ts'
import { useDrawing, useRunGraph } from '../features/run-graph/use-run-graph.ts'
import { firstNode, type Items, itemsOf, loopsAround, selectedNode } from '../lib/run-graph.ts'
import { isOpen } from '../lib/status.ts'
import type { RunGraphSearch } from '../lib/url-state.ts'
import { Bone, Empty, messageOf, Problem } from '../ui/states.tsx'
import '../features/run-graph/run-graph.css'

const Sheet = lazy(() => import('../features/inspector/sheet.tsx').then((module) => ({ default: module.Sheet })))
const FROM = '/executions/$executionId/graph'

export function GraphPage() {
  const { executionId } = useParams({ from: FROM })
  return (
    <RunFrame executionId={executionId} tab="Graph">
      {(run) => (run ? <OnDrawing key={executionId} run={run} /> : <Bone width="100%" height={420} />)}
    </RunFrame>
  )
}

function OnDrawing({ run }: { run: Run }) {
  const { items } = useSearch({ from: FROM })
  const answer = useRunGraph(run.execution, true, items)
  const graph = useDrawing(answer.data)
  if (!answer.data) return answer.error ? <Problem error={answer.error} what="the drawing of this run" retry={() => void answer.refetch()} /> : <Bone width="100%" height={420} />
  if (!graph) {
    return <Empty title="There is no drawing of this run"><p>{answer.data.problem}</p></Empty>
  }
  return (
    <ReactFlowProvider>
      <Placed run={run} lit={answer.data} graph={graph} />
    </ReactFlowProvider>
  )
}

function Placed(props: { run: Run; lit: RunGraph; graph: Graph }) {
  const { graph, error } = usePlaced(props.graph)
  if (error) return <Empty title="The drawing could not be laid out"><p>{messageOf(error)}</p></Empty>
  return graph ? <Workbench {...props} graph={graph} /> : <Bone width="100%" height={420} />
}

function Workbench({ run, lit, graph }: { run: Run; lit: RunGraph; graph: Graph }) {
  const search = useSearch({ from: FROM })
  const navigate = useNavigate({ from: FROM })
  const isNarrow = useMediaQuery('(max-width: 1180px)', undefined, { getInitialValueInEffect: false })
  const isPhone = useMediaQuery('(max-width: 900px)', undefined, { getInitialValueInEffect: false })
  const { execution } = run
  const project = useQuery(api.project.get.queryOptions({ projectId: execution.projectId }, { staleTime: 60_000 }))
  const catalogue = useQuery(api.component.list.queryOptions({ projectId: execution.projectId }, { staleTime: 60_000 }))
  const components = useMemo(() => new Map((catalogue.data?.items ?? []).map((component) => [component.type, component])), [catalogue.data])
  const items = search.items ?? NO_ITEMS
  const selected = selectedNode(search, graph, run.steps, lit.nodes)
  const node = selected === null ? undefined : nodeOf(graph, selected)
  const state = lit.nodes.find((one) => one.nodeId === selected)
  const go = (next: RunGraphSearch): void => void navigate({ search: next, replace: true, resetScroll: false })
  const picked = (next: Items): Pick<RunGraphSearch, 'items'> => (Object.keys(next).length > 0 ? { items: { ...next } } : {})
  const select = (id: string | null): void => go({ ...picked(items), ...(id !== null && { node: id }) })
  const close = (): void => select(null)
  useShortcuts({ Escape: close })

  // A step of a loop that the address names is looked at where it was: its items are picked.
  const { hasAllSteps, loadRest } = run
  const named = search.node === undefined && search.step !== undefined ? run.steps.find((step) => step.eventId === search.step) : undefined
  const isUnknown = search.node === undefined && search.step !== undefined && named === undefined && !hasAllSteps
  useEffect(() => {
    if (isUnknown) loadRest()
  }, [isUnknown, loadRest])
  useEffect(() => {
    if (named && selected !== null) go({ node: selected, step: named.eventId, ...picked(itemsOf(graph, selected, named.iteration ?? [])) })
  })
  // One selection: the address also names the step that the node shows, so that the list opens at it.
  const shownStep = state?.eventId != null && state.executionId === execution.id ? state.eventId : undefined
  const isBehind = search.node !== undefined && search.step !== shownStep
  useEffect(() => {
    if (isBehind && search.node !== undefined) go({ node: search.node, ...picked(items), ...(shownStep !== undefined && { step: shownStep }) })
  })

  const pick = (iteration: readonly number[]): void => {
    if (selected !== null) go({ node: selected, ...picked({ ...items, ...itemsOf(graph, selected, iteration) }) })
  }
  const first = firstNode(lit.nodes, lit.failingPath)
  const firstDrawn = first === null ? undefined : nodeOf(graph, first)
  const component = node?.kind === 'activity' ? components.get(node.component) : undefined
  const loop = selected === null ? null : (loopsAround(graph, selected).at(-1) ?? null)
  const inspector = node && state && (
    <NodeInspector
      key={node.id} run={run} graph={graph} node={node} title={titleOf(node, component?.name)} state={state} items={items}
      around={loop === null ? null : (lit.nodes.find((one) => one.nodeId === loop)?.iterations ?? null)}
      canDecide={project.data !== undefined && project.data.role !== 'viewer'} isLive={isOpen(execution.status)} onPick={pick} onClose={close}
    />
  )
  const goTo = firstDrawn && { id: firstDrawn.id, label: lit.failingPath.length > 0 ? 'Show what failed' : 'Show where it is' }
  return (
    <div className={`workbench ${inspector && !isNarrow ? 'with-inspector' : ''}`}>
      <div>
        <div className="panel run-drawing">
          <RunCanvas graph={graph} run={lit} components={components} selected={selected} first={first} isPhone={isPhone} onSelect={select} />
          <PickedItems graph={graph} lit={lit} items={items} onItems={(next) => go({ ...(selected !== null && { node: selected }), ...picked(next) })} />
          <RunCanvasBar first={goTo ?? null} onGo={select} />
        </div>
        <p className="sub payload-note">
          {lit.version === null ? 'This run was tied to its drawing by rules.' : 'The drawing of the version that ran.'} Lines that it took are strong; what it never came to is pale.
        </p>
      </div>
      {inspector && (isNarrow ? <Suspense><Sheet onClose={close}>{inspector}</Sheet></Suspense> : <aside className="panel inspector" aria-label="Step" tabIndex={0}>{inspector}</aside>)}
    </div>
  )
}

const NO_ITEMS: Items = {}
