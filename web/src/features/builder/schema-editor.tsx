import { useState } from 'react'
import type { Json } from '../../api/types.ts'
import { type Schema, shapeOf } from '../../lib/schema.ts'
import { Icon } from '../../ui/icon.tsx'
import { useForm } from '../schema/context.ts'
import { JsonField } from '../schema/json-field.tsx'

const KINDS: [value: string, label: string, schema: Schema][] = [
  ['string', 'text', { type: 'string' }],
  ['textarea', 'long text', { type: 'string', format: 'textarea' }],
  ['number', 'number', { type: 'number' }],
  ['integer', 'whole number', { type: 'integer' }],
  ['boolean', 'yes or no', { type: 'boolean' }],
  ['texts', 'list of texts', { type: 'array', items: { type: 'string' } }],
  ['numbers', 'list of numbers', { type: 'array', items: { type: 'number' } }],
  ['array', 'list of anything', { type: 'array', items: {} }],
  ['object', 'object', { type: 'object' }],
]

const objectAt = (schema: Schema, name: string): Schema => {
  const found = schema[name]
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? found : {}
}

/** Which line of `KINDS` a schema is, whatever it is called and says of itself. */
function kindOf(schema: Schema): string {
  const shape = shapeOf(schema, schema)
  if (shape.kind === 'text' && shape.isLong) return 'textarea'
  if (shape.kind === 'list') {
    const item = shape.item['type']
    return item === 'string' ? 'texts' : item === 'number' ? 'numbers' : Object.keys(shape.item).length === 0 ? 'array' : 'other'
  }
  return typeof schema['type'] === 'string' && shape.kind !== 'choice' ? schema['type'] : 'other'
}

/** The fields of an object, as a table for the common case and as JSON Schema for all others. */
export function SchemaEditor({ schema, onChange }: { schema: Schema; onChange: (schema: Schema) => void }) {
  const { isReadOnly } = useForm()
  const [isJson, setIsJson] = useState(false)
  const properties = objectAt(schema, 'properties')
  const required = (Array.isArray(schema['required']) ? schema['required'] : []).filter((one): one is string => typeof one === 'string')
  const put = (next: Schema, needed: string[]): void => {
    const { required: _, ...rest } = schema
    const kept = needed.filter((name) => name in next)
    onChange({ ...rest, type: 'object', properties: next, ...(kept.length > 0 && { required: kept }) })
  }
  const add = (): void => {
    let count = Object.keys(properties).length + 1
    while (`field${count}` in properties) count += 1
    put({ ...properties, [`field${count}`]: { type: 'string' } }, required)
  }
  const rename = (from: string, to: string): void => {
    if (to === '' || to === from || to in properties) return
    put(Object.fromEntries(Object.entries(properties).map(([name, own]) => [name === from ? to : name, own])), required.map((name) => (name === from ? to : name)))
  }
  return (
    <div className="schema-editor">
      {isJson ? (
        <JsonField id="schema-json" value={schema} isReadOnly={isReadOnly} describedBy={undefined} rows={10} onChange={(value) => onChange(typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {})} />
      ) : (
        <ul>
          {Object.keys(properties).map((name, at) => (
            <SchemaRow
              key={at} name={name} schema={objectAt(properties, name)} isRequired={required.includes(name)} isReadOnly={isReadOnly}
              onRename={(to) => rename(name, to)}
              onChange={(own) => put({ ...properties, [name]: own }, required)}
              onRequire={(is) => put(properties, is ? [...required, name] : required.filter((one) => one !== name))}
              onRemove={() => put(Object.fromEntries(Object.entries(properties).filter(([one]) => one !== name)), required)}
            />
          ))}
          {Object.keys(properties).length === 0 && <li className="sub">No fields yet.</li>}
        </ul>
      )}
      <div className="row">
        {!isReadOnly && !isJson && <button type="button" className="button small" onClick={add}><Icon name="plus" /> Add a field</button>}
        <button type="button" className="plain" aria-pressed={isJson} onClick={() => setIsJson(!isJson)}>{isJson ? 'as a table' : 'as JSON Schema'}</button>
      </div>
    </div>
  )
}

function SchemaRow(props: { name: string; schema: Schema; isRequired: boolean; isReadOnly: boolean; onRename: (to: string) => void; onChange: (schema: Schema) => void; onRequire: (is: boolean) => void; onRemove: () => void }) {
  const { name, schema, isReadOnly } = props
  const kind = kindOf(schema)
  const change = (to: string): void => {
    const found = KINDS.find(([value]) => value === to)
    const kept: Record<string, Json> = {}
    for (const word of ['title', 'description']) if (schema[word] !== undefined) kept[word] = schema[word]
    if (found) props.onChange({ ...kept, ...found[2] })
  }
  return (
    <li className="schema-row">
      <input className="name-input mono" key={name} aria-label={`Name of the field ${name}`} defaultValue={name} readOnly={isReadOnly} maxLength={200} spellCheck={false} onBlur={(event) => props.onRename(event.target.value.trim())} onKeyDown={(event) => { if (event.key === 'Enter') event.currentTarget.blur() }} />
      <select aria-label={`Kind of ${name}`} disabled={isReadOnly} value={kind} onChange={(event) => change(event.target.value)}>
        {KINDS.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
        {kind === 'other' && <option value="other">as JSON Schema says</option>}
      </select>
      <label className="check" title="A run cannot be started without it"><input type="checkbox" disabled={isReadOnly} checked={props.isRequired} onChange={(event) => props.onRequire(event.target.checked)} /> needed</label>
      {!isReadOnly && <button type="button" className="bare small" aria-label={`Remove the field ${name}`} onClick={props.onRemove}><Icon name="close" /></button>}
    </li>
  )
}
