import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { ReactFlowProvider, useReactFlow } from '@xyflow/react'
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react'
import { api, isConflict } from '../../api/client.ts'
import type { GraphProblem } from '../../api/types.ts'
import { addAfter, whereItGoes } from '../../canvas/edit.ts'
import { edgeId, type Graph, type Node, titleOf } from '../../canvas/graph.ts'
import { boxesOf, placed } from '../../canvas/layout.ts'
import { layOutBeside } from '../../canvas/layout-worker.ts'
import { Icon } from '../../ui/icon.tsx'
import { Empty, messageOf, Problem } from '../../ui/states.tsx'
import { Foreign } from '../../ui/text.tsx'
import { Canvas } from './canvas.tsx'
import { CanvasBar } from './canvas-bar.tsx'
import { Catalogue } from './catalogue.tsx'
import { ConflictNotice } from './conflict.tsx'
import { HeadActions } from './head-actions.tsx'
import { PanelContext, type PanelTools } from './panel/context.ts'
import { NodePanel } from './panel/panel.tsx'
import { WorkflowPanel } from './panel/workflow-panel.tsx'
import { listed, type Listed } from './pieces.ts'
import { chosenOf, isNothing, NOTHING, only, type Selection } from './selection.ts'
import { type Editing, useDraft } from './use-draft.ts'
import { useEditKeys } from './use-edit-keys.ts'
import { VersionNotice } from './version-notice.tsx'
import './builder.css'

/** Nodes up to which all of a drawing is readable at once. */
const SEEN_WHOLE = 8
const Sheet = lazy(() => import('../inspector/sheet.tsx').then((module) => ({ default: module.Sheet })))

export type Place = { workflowId: string; projectId: string; canEdit: boolean }
type Props = Place & { node: string | undefined; looking: number | null; onLook: (version: number | null) => void; onNode: (id: string | undefined) => void; onOpen: (workflowId: string) => void }

/** The workbench: catalogue, drawing and properties around one draft. */
export function Builder(props: Props) {
  const { draft, error, retry } = useDraft(props.workflowId)
  if (!draft && isConflict(error)) return <Empty title="This workflow is not drawn here"><p>{messageOf(error)}</p></Empty>
  if (!draft) return error ? <Problem error={error} what="this draft" retry={retry} /> : <BuilderBones />
  return (
    <ReactFlowProvider>
      <Workbench editing={draft} {...props} />
    </ReactFlowProvider>
  )
}

function Workbench({ editing, workflowId, projectId, canEdit: mayEdit, node, looking, onLook: setLooking, onNode, onOpen }: Props & { editing: Editing }) {
  const isNarrow = useMediaQuery('(max-width: 1100px)', undefined, { getInitialValueInEffect: false })
  const isPhone = useMediaQuery('(max-width: 900px)', undefined, { getInitialValueInEffect: false })
  const [selection, setSelection] = useState<Selection>(() => (node === undefined ? NOTHING : only(node)))
  const [wanted, setWanted] = useState<{ field: string; count: number } | null>(null)
  const [said, setSaid] = useState<string | null>(null)
  const [first] = useState(node)
  const [isAdding, setIsAdding] = useState(false)
  const [isSettings, setIsSettings] = useState(false)
  const flow = useReactFlow()
  const catalogue = useQuery(api.component.list.queryOptions({ projectId }, { staleTime: 60_000 }))
  const version = useQuery({ ...api.workflow.getVersion.queryOptions({ workflowId, version: looking ?? 1 }, { staleTime: Number.POSITIVE_INFINITY }), enabled: looking !== null })
  const past = looking !== null && version.data?.version === looking ? version.data : null
  const shown = useMemo((): Editing => (past ? { ...editing, graph: past.graph, problems: past.problems } : editing), [editing, past])
  const canEdit = mayEdit && looking === null
  const { graph } = shown
  const components = useMemo(() => new Map((catalogue.data?.items ?? []).map((component) => [component.type, component])), [catalogue.data])
  const pieces = useMemo(() => listed(catalogue.data?.items ?? []), [catalogue.data])
  const look = useMemo(() => ({ components, problems: shown.problems }), [components, shown.problems])
  const chosen = chosenOf(graph, selection)
  const nameOf = useCallback((one: Node): string => titleOf(one, one.kind === 'activity' ? components.get(one.component)?.name : undefined), [components])
  const where = useMemo(() => whereItGoes(graph, chosen?.id, nameOf), [graph, chosen?.id, nameOf])

  useEffect(() => onNode(chosen?.id), [chosen?.id, onNode])
  useSaidForAWhile(said, setSaid)
  const showAll = (): void => void flow.fitView({ padding: 0.12, maxZoom: 1, duration: reducedMotion() ? 0 : 200 })
  const show = (id: string): void => void flow.fitView({ nodes: [{ id }], maxZoom: Math.min(1, Math.max(flow.getZoom(), 0.5)), padding: 0.6, duration: reducedMotion() ? 0 : 200 })
  const select = useCallback((change: (before: Selection) => Selection): void => { setWanted(null); setSelection(change) }, [])
  const add = (piece: Listed): void => {
    if (!canEdit) return
    const added = addAfter(graph, piece.piece, chosen?.id)
    editing.apply(() => added.graph)
    setSelection(only(added.id))
    const isConnected = added.graph.edges.some((edge) => edge.target === added.id)
    setSaid(`${piece.name} was added${isConnected ? ` ${where}` : ', connected to nothing yet'}.`)
    setIsAdding(false)
    // A small drawing is seen whole; of a large one, what is new.
    requestAnimationFrame(() => (added.graph.nodes.length <= SEEN_WHOLE ? showAll() : show(added.id)))
  }
  const go = (problem: GraphProblem): void => {
    const edge = problem.edge === null ? undefined : graph.edges[problem.edge]
    setSelection(edge ? { nodes: new Set(), edges: new Set([edgeId(edge)]) } : problem.node === null ? NOTHING : only(problem.node))
    setWanted((before) => ({ field: problem.field ?? '', count: (before?.count ?? 0) + 1 }))
    const target = problem.node ?? edge?.source
    if (target !== undefined) show(target)
  }
  const tidy = async (): Promise<void> => {
    try {
      const corners = await layOutBeside(boxesOf(graph))
      editing.apply((before) => placed(before, corners, true))
      requestAnimationFrame(showAll)
    } catch (error) {
      setSaid(messageOf(error))
    }
  }
  useEditKeys({ editing, canEdit, selection, onSelect: select, onSaid: setSaid })

  const tools: PanelTools = {
    workflowId, projectId, graph, nodeId: chosen?.id ?? null, problems: shown.problems, components, canEdit, wanted: wanted?.field ?? null, apply: editing.apply,
    onRenamed: (id) => setSelection(only(id)),
  }
  const close = (): void => { setSelection(NOTHING); setIsSettings(false) }
  const panel = chosen ? <NodePanel key={`${wanted?.count ?? 0}`} node={chosen} onClose={close} /> : selection.nodes.size > 1 || selection.edges.size > 0 ? <SeveralChosen selection={selection} graph={graph} /> : <WorkflowPanel />
  return (
    <PanelContext value={tools}>
      <HeadActions workflowId={workflowId} projectId={projectId} editing={editing} canEdit={mayEdit} looking={looking} onLook={setLooking} onOpen={onOpen} />
      <ConflictNotice editing={editing} projectId={projectId} onCopied={onOpen} />
      {editing.saving.state === 'failed' && <div className="notice bad" role="alert"><Icon name="alert" /><span>The draft could not be saved: <Foreign text={editing.saving.sentence} /> What you drew is still here; it is tried again by itself.</span></div>}
      {looking !== null && <VersionNotice version={looking} details={past} error={version.error} onBack={() => setLooking(null)} />}
      <div className={`builder panel ${canEdit ? '' : 'read-only'}`}>
        {canEdit && !isPhone && <Catalogue pieces={pieces} where={where} isLoading={catalogue.isPending} onAdd={add} />}
        <div className="builder-canvas">
          <Canvas editing={shown} look={look} selection={selection} pieces={pieces} canEdit={canEdit} isPhone={isPhone} first={first} onSelect={select} onRefused={setSaid} />
          <CanvasBar problems={shown.problems} graph={graph} nameOf={nameOf} canEdit={canEdit} isPhone={isPhone} onGo={go} onTidy={() => void tidy()} onAdd={() => setIsAdding(true)} onSettings={isNarrow && isNothing(selection) ? () => setIsSettings(true) : null} />
          {said && <p className="canvas-said panel" role="status">{said}</p>}
        </div>
        {!isNarrow && <aside className="builder-panel" aria-label="Properties" tabIndex={-1}>{panel}</aside>}
      </div>
      {isNarrow && (chosen || isSettings) && <Suspense><Sheet label="Properties" onClose={close}>{panel}</Sheet></Suspense>}
      {isPhone && isAdding && <Suspense><Sheet label="Components" onClose={() => setIsAdding(false)}><Catalogue pieces={pieces} where={where} isLoading={catalogue.isPending} onAdd={add} /></Sheet></Suspense>}
    </PanelContext>
  )
}

function SeveralChosen({ selection, graph }: { selection: Selection; graph: Graph }) {
  const lines = graph.edges.filter((edge) => selection.edges.has(edgeId(edge)))
  return (
    <div className="node-panel">
      <div className="inspector-head"><h2>{selection.nodes.size > 0 ? `${selection.nodes.size} steps` : lines.length === 1 ? 'A line' : `${lines.length} lines`}</h2></div>
      {selection.nodes.size === 0 && lines.map((edge) => <p key={edgeId(edge)} className="where"><code>{edge.source}</code> at “{edge.port}” to <code>{edge.target}</code></p>)}
      <p className="sub">Delete removes them{selection.nodes.size > 0 ? ', Ctrl D duplicates them, the arrow keys move them' : ''}.</p>
    </div>
  )
}

function useSaidForAWhile(said: string | null, clear: (said: null) => void): void {
  useEffect(() => {
    if (said === null) return
    const timer = setTimeout(() => clear(null), 6000)
    return () => clearTimeout(timer)
  }, [said, clear])
}

const reducedMotion = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches

export function BuilderBones() {
  return (
    <div className="builder panel" aria-hidden="true">
      <div className="catalogue">{Array.from({ length: 9 }, (_, at) => <span key={at} className="skeleton piece" />)}</div>
      <div className="builder-canvas" />
      <div className="builder-panel" />
    </div>
  )
}
