import { useMutation, useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { api, client, isConflict, queryClient } from '../../api/client.ts'
import type { Draft, GraphProblem } from '../../api/types.ts'
import { compare } from '../../canvas/compare.ts'
import type { Graph } from '../../canvas/graph.ts'
import { begin, type History, push, redo, seal, undo } from '../../canvas/history.ts'
import { boxesOf, type Corners, isPlaced, placed } from '../../canvas/layout.ts'
import { inRanks } from '../../canvas/ranks.ts'
import { layOutBeside } from '../../canvas/layout-worker.ts'
import { messageOf } from '../../ui/states.tsx'

const PAUSE_MS = 800
const AGAIN_MS = 5000
const WAITING: Saving = { state: 'waiting' }

export type Saving =
  | { state: 'saved' }
  | { state: 'waiting' }
  | { state: 'saving' }
  | { state: 'failed'; sentence: string }
  | { state: 'conflict'; sentence: string; theirs: Draft }

type Known = Pick<Draft, 'revision' | 'basedOn' | 'latestVersion' | 'changeCount' | 'problems' | 'updatedAt' | 'updatedBy'>

export type Editing = {
  graph: Graph
  known: Known
  problems: GraphProblem[]
  saving: Saving
  canUndo: boolean
  canRedo: boolean
  apply: (change: (graph: Graph) => Graph, key?: string) => void
  undo: () => void
  redo: () => void
  /** Ends a series of changes that are taken back together. */
  seal: () => void
  /** Saves what is not saved, and gives the revision then; null when that did not succeed. */
  flush: () => Promise<number | null>
  /** After a version was saved, or a file imported: what is known of the draft is asked anew. */
  reload: () => Promise<void>
  takeTheirs: () => void
  keepMine: () => void
}

/** The draft of a workflow: as it is on the server, as it is here, and the way from one to the other. */
export function useDraft(workflowId: string): { draft: Editing | null; error: unknown; retry: () => void } {
  const stored = useQuery(api.workflow.getDraft.queryOptions({ workflowId }, { staleTime: Number.POSITIVE_INFINITY, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false }))
  const [history, setHistory] = useState<History<Graph> | null>(null)
  const [known, setKnown] = useState<Known | null>(null)
  const [saving, setSaving] = useState<Saving>({ state: 'saved' })
  const save = useMutation(api.workflow.saveDraft.mutationOptions({ retry: false }))
  // What the answers of the server belong to; they arrive between renders.
  const now = useRef<{ saved: Graph | null; graph: Graph | null; revision: number; running: Promise<number | null> | null }>({ saved: null, graph: null, revision: 0, running: null })
  now.current.graph = history?.present ?? null

  const accept = useCallback((draft: Draft): void => {
    now.current.saved = draft.graph
    now.current.revision = draft.revision
    setKnown(draft)
    setSaving({ state: 'saved' })
  }, [])

  useEffect(() => {
    if (!stored.data || history) return
    const draft = stored.data
    const start = (graph: Graph): void => {
      accept({ ...draft, graph })
      setHistory(begin(graph))
    }
    if (isPlaced(draft.graph)) start(draft.graph)
    else void layOutBeside(boxesOf(draft.graph)).then((corners) => start(placed(draft.graph, corners, false)), () => start(placed(draft.graph, plainly(draft.graph), false)))
  }, [stored.data, history, accept])

  const saveNow = useCallback(async (): Promise<number | null> => {
    if (now.current.running) await now.current.running
    const { graph, saved, revision } = now.current
    if (!graph || graph === saved) return revision
    const attempt = async (): Promise<number | null> => {
      setSaving({ state: 'saving' })
      try {
        const answer = await save.mutateAsync({ workflowId, revision, graph })
        now.current.saved = graph
        now.current.revision = answer.revision
        setKnown((before) => before && { ...before, revision: answer.revision, changeCount: answer.changeCount, problems: answer.problems, updatedAt: answer.updatedAt })
        setSaving(now.current.graph === graph ? { state: 'saved' } : { state: 'waiting' })
        return answer.revision
      } catch (error) {
        if (isConflict(error)) {
          const theirs = await client.workflow.getDraft.query({ workflowId })
          setSaving({ state: 'conflict', sentence: messageOf(error), theirs })
        } else {
          setSaving({ state: 'failed', sentence: messageOf(error) })
        }
        return null
      } finally {
        now.current.running = null
      }
    }
    now.current.running = attempt()
    return now.current.running
  }, [workflowId, save.mutateAsync])

  const graph = history?.present
  const isOpenConflict = saving.state === 'conflict'
  useEffect(() => {
    if (!graph || graph === now.current.saved || isOpenConflict) return
    setSaving((before) => (before.state === 'saving' || before.state === 'failed' ? before : { state: 'waiting' }))
    const timer = setTimeout(() => void saveNow(), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [graph, isOpenConflict, saveNow])
  useEffect(() => {
    if (saving.state !== 'failed') return
    const timer = setTimeout(() => void saveNow(), AGAIN_MS)
    return () => clearTimeout(timer)
  }, [saving, saveNow])
  useLeaving(() => now.current.graph !== now.current.saved, saveNow)

  const change = useCallback((how: (history: History<Graph>) => History<Graph>): void => setHistory((before) => before && how(before)), [])
  const settle = (theirs: Draft, graphs: [Graph, Graph]): void => {
    accept(theirs)
    change((before) => graphs.reduce((all, graph) => push(all, graph), before))
  }

  if (!history || !known) return { draft: null, error: stored.error, retry: () => void stored.refetch() }
  return {
    error: null,
    retry: () => void stored.refetch(),
    draft: {
      graph: history.present,
      known,
      problems: known.problems,
      // A change shows before anything is told to save it: until then too it is not saved.
      saving: saving.state === 'saved' && history.present !== now.current.saved ? WAITING : saving,
      canUndo: history.past.length > 0,
      canRedo: history.future.length > 0,
      apply: (how, key) => change((before) => push(before, how(before.present), key ?? null)),
      undo: () => change(undo),
      redo: () => change(redo),
      seal: () => change(seal),
      flush: saveNow,
      reload: async () => {
        const fresh = await client.workflow.getDraft.query({ workflowId })
        // What came back as it was sent is no change that could be taken back.
        const isSame = compare(history.present, fresh.graph).length === 0
        accept(isSame ? { ...fresh, graph: history.present } : fresh)
        if (!isSame) change((before) => push(before, fresh.graph))
        await queryClient.invalidateQueries({ queryKey: api.workflow.listVersions.queryKey() })
      },
      // Both ways keep the other's drawing one step of undo away: nothing is lost.
      takeTheirs: () => saving.state === 'conflict' && settle(saving.theirs, [history.present, saving.theirs.graph]),
      keepMine: () => saving.state === 'conflict' && settle(saving.theirs, [saving.theirs.graph, history.present]),
    },
  }
}

/** Where no worker can be had: every step in a column after what leads to it, bodies' steps beside each other. */
const plainly = (graph: Graph): Corners => {
  const { boxes, lines } = boxesOf(graph)
  return inRanks(boxes, lines)
}

/** Leaving the page inside of the app saves first; closing the tab asks. */
function useLeaving(isUnsaved: () => boolean, save: () => Promise<unknown>): void {
  const last = useRef({ isUnsaved, save })
  last.current = { isUnsaved, save }
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => {
      if (!last.current.isUnsaved()) return
      void last.current.save()
      event.preventDefault()
    }
    addEventListener('beforeunload', ask)
    return () => {
      removeEventListener('beforeunload', ask)
      if (last.current.isUnsaved()) void last.current.save()
    }
  }, [])
}
