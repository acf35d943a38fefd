import { useEffect, useRef } from 'react'
import { copy, duplicate, paste, readSnippet, remove } from '../../canvas/edit.ts'
import { edgeId } from '../../canvas/graph.ts'
import { isNothing, NOTHING, only, type Selection } from './selection.ts'
import type { Editing } from './use-draft.ts'

type Props = { editing: Editing; canEdit: boolean; selection: Selection; onSelect: (change: (before: Selection) => Selection) => void; onSaid: (sentence: string) => void }

/** The keys and the clipboard of the drawing, while nobody is typing and nothing lies over the page. */
export function useEditKeys(props: Props): void {
  const last = useRef(props)
  last.current = props
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isElsewhere(event.target)) return
      const action = actionOf(event, last.current)
      if (!action) return
      event.preventDefault()
      action()
    }
    const onCopy = (event: ClipboardEvent): void => {
      const { editing, selection, canEdit, onSaid } = last.current
      if (isElsewhere(event.target) || hasSelectedText()) return
      const snippet = copy(editing.graph, selection.nodes)
      if (!snippet || !event.clipboardData) return
      event.preventDefault()
      event.clipboardData.setData('text/plain', JSON.stringify(snippet))
      if (event.type === 'cut' && canEdit) removeChosen(last.current)
      else onSaid(snippet.nodes.length === 1 ? 'One step was copied.' : `${snippet.nodes.length} steps were copied.`)
    }
    const onPaste = (event: ClipboardEvent): void => {
      const { editing, canEdit, onSelect, onSaid } = last.current
      if (isElsewhere(event.target) || !canEdit) return
      const snippet = readSnippet(event.clipboardData?.getData('text/plain') ?? '')
      if (!snippet) return
      event.preventDefault()
      const pasted = paste(editing.graph, snippet)
      editing.apply(() => pasted.graph)
      onSelect(() => only(...pasted.ids))
      onSaid(pasted.ids.length === 1 ? 'One step was pasted.' : `${pasted.ids.length} steps were pasted.`)
    }
    document.addEventListener('keydown', onKey)
    for (const name of ['copy', 'cut'] as const) document.addEventListener(name, onCopy)
    document.addEventListener('paste', onPaste)
    return () => {
      document.removeEventListener('keydown', onKey)
      for (const name of ['copy', 'cut'] as const) document.removeEventListener(name, onCopy)
      document.removeEventListener('paste', onPaste)
    }
  }, [])
}

function actionOf(event: KeyboardEvent, props: Props): (() => void) | null {
  const { editing, canEdit, selection, onSelect } = props
  const isCommand = event.ctrlKey || event.metaKey
  const key = event.key.toLowerCase()
  if (!isCommand && !event.altKey) {
    if ((key === 'delete' || key === 'backspace') && canEdit && !isNothing(selection)) return () => removeChosen(props)
    if (key === 'escape' && !isNothing(selection)) return () => onSelect(() => NOTHING)
    return null
  }
  if (!isCommand || event.altKey) return null
  if (key === 'a') return () => onSelect(() => only(...editing.graph.nodes.map((node) => node.id)))
  if (!canEdit) return null
  if (key === 'z') return event.shiftKey ? editing.redo : editing.undo
  if (key === 'y') return editing.redo
  if (key === 'd' && selection.nodes.size > 0) {
    return () => {
      const copied = duplicate(editing.graph, selection.nodes)
      editing.apply(() => copied.graph)
      onSelect(() => only(...copied.ids))
    }
  }
  return null
}

function removeChosen({ editing, selection, onSelect, onSaid }: Props): void {
  const edges = new Set(editing.graph.edges.filter((edge) => selection.edges.has(edgeId(edge))))
  const after = remove(editing.graph, selection.nodes, edges)
  if (after === editing.graph) {
    onSaid('The start stays: a run begins there.')
    return
  }
  editing.apply(() => after)
  onSelect(() => NOTHING)
}

/** In a field, or in a dialog, keys mean something else. */
function isElsewhere(target: EventTarget | null): boolean {
  if (document.querySelector('dialog[open], [aria-modal="true"]')) return true
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('input, textarea, select')
}

const hasSelectedText = (): boolean => (getSelection()?.toString() ?? '') !== ''
