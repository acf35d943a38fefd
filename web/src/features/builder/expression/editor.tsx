import { autocompletion, type CompletionContext, type CompletionResult, completionKeymap, completionStatus, closeBrackets, closeBracketsKeymap, startCompletion } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, keymap, placeholder as placeholderOf, tooltips } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'
import { nonce } from '../../../nonce.ts'
import { completionsFor, type ExpressionName } from './completions.ts'

export type Mark = { from: number; to: number }
type Props = {
  id: string
  label: string
  value: string
  isReadOnly: boolean
  isInvalid: boolean
  placeholder: string
  names: readonly ExpressionName[]
  marks: readonly Mark[]
  onChange: (text: string) => void
}

/** Enough of CEL to tell names, texts and numbers apart. */
const cel = StreamLanguage.define({
  token(stream) {
    if (stream.eatSpace()) return null
    if (stream.match(/^("([^"\\]|\\.)*"?|'([^'\\]|\\.)*'?)/)) return 'string'
    if (stream.match(/^\d+(\.\d+)?([eE][+-]?\d+)?u?/)) return 'number'
    if (stream.match(/^(true|false|null|in)\b/)) return 'bool'
    if (stream.match(/^[A-Za-z_]\w*/)) return 'variableName'
    stream.next()
    return 'operator'
  },
})

const colours = HighlightStyle.define([
  { tag: tags.string, color: 'var(--ok)' },
  { tag: tags.number, color: 'var(--warn)' },
  { tag: tags.bool, color: 'var(--wait)' },
])

const look = EditorView.theme({
  '&': { fontSize: '12.5px', backgroundColor: 'var(--bg)', color: 'var(--ink)', border: '1px solid var(--line)', borderRadius: '7px', minHeight: '34px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', maxHeight: '180px' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 9px' },
  '.cm-placeholder': { color: 'var(--ink3)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-1px' },
  '.cm-fault': { textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '3px' },
  '.cm-tooltip': { backgroundColor: 'var(--panel)', color: 'var(--ink)', border: '1px solid var(--line)', borderRadius: '8px', overflow: 'hidden' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '12.5px', maxHeight: '220px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 9px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent-bg)', color: 'var(--accent)' },
  '.cm-completionDetail': { color: 'var(--ink3)', fontStyle: 'normal', marginLeft: '10px' },
})

const setMarks = StateEffect.define<readonly Mark[]>()
const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    let next = shown.map(transaction.changes)
    for (const effect of transaction.effects) {
      if (!effect.is(setMarks)) continue
      const end = transaction.newDoc.length
      const ranges = effect.value.map(({ from, to }) => ({ from: Math.min(from, Math.max(0, end - 1)), to: Math.min(Math.max(to, from + 1), end) })).filter(({ from, to }) => from < to)
      next = Decoration.set(ranges.map(({ from, to }) => Decoration.mark({ class: 'cm-fault' }).range(from, to)), true)
    }
    return next
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** An expression with completion from what comes before, faults underlined where they are. Tab leaves the field. */
export function ExpressionEditor(props: Props) {
  const box = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const last = useRef(props)
  last.current = props
  const attributes = useRef(new Compartment())
  const hasTyped = useRef(false)
  useEffect(() => {
    if (!box.current) return
    const made = new EditorView({ parent: box.current, state: EditorState.create({ doc: last.current.value, extensions: extensionsFor(last, attributes.current, hasTyped) }) })
    view.current = made
    return () => made.destroy()
  }, [])
  useEffect(() => {
    const { current } = view
    if (current && current.state.doc.toString() !== props.value) current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: props.value } })
  }, [props.value])
  useEffect(() => {
    // The names arrive a moment after the first letters: what could be meant is offered then.
    const { current } = view
    if (current?.hasFocus && hasTyped.current && completionStatus(current.state) === null) startCompletion(current)
  }, [props.names])
  useEffect(() => view.current?.dispatch({ effects: setMarks.of(props.marks) }), [props.marks])
  useEffect(() => view.current?.dispatch({ effects: attributes.current.reconfigure(attributesOf(props)) }), [props.label, props.isInvalid, props.isReadOnly])
  return <div className="expression-editor" ref={box} />
}

/**
 * Text over a selection is put in here, not by the browser: that would write the look of what is replaced into an inline
 * style, which the page's security policy refuses and reports (Chromium 156, with a fault underlined).
 */
const replaceSelected = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.isComposing || event.inputType !== 'insertText' || event.data === null || view.state.selection.main.empty) return false
    event.preventDefault()
    view.dispatch(view.state.update(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true }))
    return true
  },
})

const attributesOf = (props: Props) => [
  EditorView.contentAttributes.of({ id: props.id, 'aria-label': `${props.label}, expression`, 'aria-invalid': String(props.isInvalid), autocapitalize: 'off', autocorrect: 'off', spellcheck: 'false' }),
  EditorState.readOnly.of(props.isReadOnly),
  EditorView.editable.of(!props.isReadOnly),
]

function extensionsFor(last: { current: Props }, attributes: Compartment, hasTyped: { current: boolean }) {
  const complete = (context: CompletionContext): CompletionResult | null => {
    const before = context.matchBefore(/[A-Za-z_][\w.]*/)
    if (!before && !context.explicit) return null
    return { from: before?.from ?? context.pos, options: completionsFor(last.current.names), validFor: /^[\w.]*$/ }
  }
  return [
    EditorView.cspNonce.of(nonce),
    attributes.of(attributesOf(last.current)),
    history(),
    closeBrackets(),
    autocompletion({ override: [complete], icons: false, activateOnTyping: true }),
    tooltips({ parent: document.body }), // the panel scrolls and would cut the list off
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
    EditorView.lineWrapping,
    placeholderOf(last.current.placeholder),
    cel,
    syntaxHighlighting(colours),
    marked,
    replaceSelected,
    look,
    EditorView.updateListener.of((update) => {
      if (update.focusChanged) hasTyped.current = false
      if (update.docChanged) {
        hasTyped.current = update.view.hasFocus
        last.current.onChange(update.state.doc.toString())
      }
    }),
  ]
}
