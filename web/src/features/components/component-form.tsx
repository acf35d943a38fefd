import { useState } from 'react'
import type { CatalogueComponent } from '../../api/types.ts'
import { Field, Group } from '../../ui/field.tsx'
import { Refusal } from './refusal.tsx'

type Written = Pick<CatalogueComponent, 'type' | 'name' | 'description' | 'category' | 'taskQueue' | 'inputSchema' | 'outputSchema'>
const INPUT = '{\n  "type": "object",\n  "properties": {\n    "order": { "type": "string" }\n  },\n  "required": ["order"]\n}'

/** An activity of any SDK, written down so that it can be put on drawings. */
export function ComponentForm(props: { saving: boolean; error: unknown; onSave: (written: Written) => void; onCancel: () => void }) {
  const [draft, setDraft] = useState({ type: '', name: '', description: '', category: '', taskQueue: '', input: INPUT, output: '{}' })
  const [fault, setFault] = useState<string | null>(null)
  const set = (change: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...change }))
  const save = (): void => {
    const input = objectIn(draft.input)
    const output = objectIn(draft.output)
    setFault(input === null ? 'The input schema is no JSON object.' : output === null ? 'The output schema is no JSON object.' : null)
    if (input === null || output === null) return
    props.onSave({
      type: draft.type.trim(),
      name: draft.name.trim() || draft.type.trim(),
      description: draft.description.trim(),
      category: draft.category.trim() || 'Other',
      taskQueue: draft.taskQueue.trim() || null,
      inputSchema: input,
      outputSchema: output,
    })
  }
  return (
    <form
      className="panel stack"
      aria-label="Add a component"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Group title="A component of your own" about="An activity that your workers serve, in any language. In Python, a worker announces its components by itself.">
        <Field label="Activity type" hint="As the worker registered it">
          {(field) => <input {...field} className="mono" required maxLength={1000} placeholder="chargeCard" value={draft.type} onChange={(event) => set({ type: event.target.value })} />}
        </Field>
        <Field label="Name" hint="As people read it">
          {(field) => <input {...field} maxLength={200} placeholder="Charge the card" value={draft.name} onChange={(event) => set({ name: event.target.value })} />}
        </Field>
        <Field label="Task queue" hint="Where its workers listen; empty: that of the workflow">
          {(field) => <input {...field} className="mono" maxLength={1000} value={draft.taskQueue} onChange={(event) => set({ taskQueue: event.target.value })} />}
        </Field>
        <Field label="Category">
          {(field) => <input {...field} maxLength={100} placeholder="Payments" value={draft.category} onChange={(event) => set({ category: event.target.value })} />}
        </Field>
        <Field label="What it does" isWide>
          {(field) => <textarea {...field} rows={2} maxLength={10000} value={draft.description} onChange={(event) => set({ description: event.target.value })} />}
        </Field>
        <Field label="Its input, as JSON Schema" hint="An object: the activity’s one argument">
          {(field) => <textarea {...field} rows={9} spellCheck={false} required value={draft.input} onChange={(event) => set({ input: event.target.value })} />}
        </Field>
        <Field label="Its result, as JSON Schema" hint="{} is anything">
          {(field) => <textarea {...field} rows={9} spellCheck={false} required value={draft.output} onChange={(event) => set({ output: event.target.value })} />}
        </Field>
      </Group>
      {fault && <p className="bad-text" role="alert">{fault}</p>}
      <Refusal error={props.error} />
      <div className="row">
        <button type="submit" className="button primary" disabled={props.saving}>{props.saving ? 'Saving…' : 'Add the component'}</button>
        <button type="button" className="button" onClick={props.onCancel}>Cancel</button>
      </div>
    </form>
  )
}

function objectIn(text: string): CatalogueComponent['inputSchema'] | null {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as CatalogueComponent['inputSchema']) : null
  } catch {
    return null
  }
}
