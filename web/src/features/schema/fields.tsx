import { type ReactNode, useId, useRef } from 'react'
import type { Json } from '../../api/types.ts'
import { isExpression, textIn, toText } from '../../canvas/expressions.ts'
import { emptyOf, type Field, type Schema, shapeOf } from '../../lib/schema.ts'
import { Icon } from '../../ui/icon.tsx'
import { Foreign } from '../../ui/text.tsx'
import { useForm } from './context.ts'
import { JsonField } from './json-field.tsx'
import '../../styles/form.css'
import './schema.css'

type Change = (value: Json | undefined) => void
type ObjectOf = { [name: string]: Json }

const objectOf = (value: Json | undefined): ObjectOf => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {})

/** The fields of an object, made from its JSON Schema. `pointer` is where the object is in what is edited. */
export function SchemaFields(props: { schema: Schema; root: Schema; value: Json | undefined; pointer: string; onChange: (value: ObjectOf) => void }) {
  const shape = shapeOf(props.schema, props.root)
  const object = objectOf(props.value)
  const fields = shape.kind === 'object' ? shape.fields : []
  const isOpen = shape.kind === 'object' ? shape.isOpen : true
  const others = Object.keys(object).filter((name) => !fields.some((field) => field.name === name))
  return (
    <div className="schema-fields">
      {fields.map((field) => (
        <OneField key={field.name} field={field} root={props.root} value={object[field.name]} pointer={`${props.pointer}/${escaped(field.name)}`} onChange={(value) => props.onChange(withField(object, field.name, value))} />
      ))}
      {(isOpen || others.length > 0) && <OpenFields names={others} isOpen={isOpen} object={object} {...props} />}
    </div>
  )
}

export const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

function withField(object: ObjectOf, name: string, value: Json | undefined): ObjectOf {
  if (value !== undefined) return { ...object, [name]: value }
  const { [name]: _, ...rest } = object
  return rest
}

/** A field with its label, its switch to an expression, and what is wrong with it. */
export function OneField(props: { field: Field; root: Schema; value: Json | undefined; pointer: string; onChange: Change; onRemove?: () => void; labelControl?: ReactNode }) {
  const { field, pointer, value, onChange } = props
  const id = useId()
  const form = useForm()
  const shape = shapeOf(field.schema, props.root)
  const problems = form.problemsAt(pointer)
  const isWritten = form.expression !== undefined && isExpression(value)
  const describedBy = [field.about && `${id}-about`, problems.length > 0 && `${id}-problems`].filter(Boolean).join(' ') || undefined
  const isGroup = !isWritten && (shape.kind === 'object' || shape.kind === 'list')
  return (
    <div className="form-field schema-field" role={isGroup ? 'group' : undefined} aria-label={isGroup ? field.label : undefined} data-pointer={pointer}>
      <div className="schema-label">
        {props.labelControl ?? <label htmlFor={id}><Foreign text={field.label} longest={60} />{field.isRequired && <> <span className="required" aria-label="required">*</span></>}</label>}
        <span className="grow" />
        {form.expression && !form.isReadOnly && <ExpressionSwitch label={field.label} isOn={isWritten} onChange={() => onChange(isWritten ? (field.isRequired ? emptyOf(field.schema, props.root) : undefined) : `=${guess(value)}`)} />}
        {props.onRemove && !form.isReadOnly && <button type="button" className="bare small" aria-label={`Remove ${field.label}`} onClick={props.onRemove}><Icon name="close" /></button>}
      </div>
      {isWritten && form.expression ? form.expression({ id, pointer, label: field.label, value, onChange }) : <Control id={id} describedBy={describedBy} isReadOnly={form.isReadOnly} {...props} />}
      {field.about && <span className="sub" id={`${id}-about`}><Foreign text={field.about} longest={400} /></span>}
      {problems.length > 0 && <Problems id={`${id}-problems`} problems={problems} />}
    </div>
  )
}

/** What an expression begins with when a value becomes one: the value itself, as CEL writes it. */
const guess = (value: Json | undefined): string => (value === undefined || value === '' ? '' : JSON.stringify(value))

export function ExpressionSwitch({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: () => void }) {
  return (
    <button type="button" className={`expression-switch ${isOn ? 'on' : ''}`} aria-pressed={isOn} aria-label={`${label}: expression`} title={isOn ? 'Write a value instead' : 'Write an expression instead'} onClick={onChange}>
      =
    </button>
  )
}

export function Problems({ id, problems }: { id?: string; problems: { message: string; severity: 'error' | 'warning' }[] }) {
  return (
    <div id={id}>
      {problems.map((problem) => (
        <span key={problem.message} className={`field-problem ${problem.severity}`}><Icon name="alert" /> <Foreign text={problem.message} /></span>
      ))}
    </div>
  )
}

type ControlProps = { id: string; describedBy: string | undefined; isReadOnly: boolean; field: Field; root: Schema; value: Json | undefined; pointer: string; onChange: Change }

function Control(props: ControlProps) {
  const { id, describedBy, isReadOnly, field, root, value, onChange } = props
  const { expression, services } = useForm()
  const shape = shapeOf(field.schema, root)
  const standing = field.initial === undefined || field.initial === null || field.initial === '' ? '' : `default ${typeof field.initial === 'string' ? field.initial : JSON.stringify(field.initial)}`
  const common = { id, 'aria-describedby': describedBy, 'aria-required': field.isRequired || undefined }
  switch (shape.kind) {
    case 'text': {
      // Where expressions are possible, a text that begins with `=` is written with two.
      const shown = typeof value === 'string' ? (expression ? textIn(value) : value) : value === undefined || value === null ? '' : JSON.stringify(value)
      const change = (typed: string): void => onChange(typed === '' && !field.isRequired ? undefined : expression ? toText(typed) : typed)
      if (shape.isLong || shown.includes('\n')) return <textarea {...common} rows={Math.min(10, Math.max(3, shown.split('\n').length))} readOnly={isReadOnly} placeholder={standing} value={shown} onChange={(event) => change(event.target.value)} />
      const offered = shape.format === 'watchglass-service' ? (services ?? []) : []
      return (
        <>
          <input {...common} type="text" list={offered.length > 0 ? `${id}-offered` : undefined} readOnly={isReadOnly} placeholder={standing} spellCheck={false} autoComplete="off" value={shown} onChange={(event) => change(event.target.value)} />
          {offered.length > 0 && <datalist id={`${id}-offered`}>{offered.map((name) => <option key={name} value={name} />)}</datalist>}
        </>
      )
    }
    case 'number':
      return <input {...common} type="number" step={shape.isWhole ? 1 : 'any'} min={shape.minimum ?? undefined} max={shape.maximum ?? undefined} readOnly={isReadOnly} placeholder={standing} value={typeof value === 'number' ? value : ''} onChange={(event) => onChange(event.target.value === '' || Number.isNaN(event.target.valueAsNumber) ? undefined : event.target.valueAsNumber)} />
    case 'boolean':
      return (
        <select {...common} disabled={isReadOnly} value={typeof value === 'boolean' ? String(value) : ''} onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value === 'true')}>
          <option value="">{standing || 'not set'}</option>
          <option value="true">yes</option>
          <option value="false">no</option>
        </select>
      )
    case 'choice':
      return (
        <select {...common} disabled={isReadOnly} value={value === undefined ? '' : JSON.stringify(value)} onChange={(event) => onChange(event.target.value === '' ? undefined : (JSON.parse(event.target.value) as Json))}>
          <option value="">{standing || 'choose …'}</option>
          {shape.values.map((one) => <option key={JSON.stringify(one)} value={JSON.stringify(one)}>{typeof one === 'string' ? one : JSON.stringify(one)}</option>)}
        </select>
      )
    case 'object':
      return <div className="nested"><SchemaFields schema={field.schema} root={root} value={value} pointer={props.pointer} onChange={(object) => onChange(Object.keys(object).length === 0 && !field.isRequired ? undefined : object)} /></div>
    case 'list':
      return <List {...props} item={shape.item} />
    case 'any':
      return <JsonField id={id} describedBy={describedBy} isReadOnly={isReadOnly} value={value} onChange={onChange} />
  }
}

function List({ field, root, value, pointer, isReadOnly, onChange, item }: ControlProps & { item: Schema }) {
  const items = Array.isArray(value) ? value : []
  const put = (next: Json[]): void => onChange(next.length === 0 && !field.isRequired ? undefined : next)
  const box = useRef<HTMLDivElement>(null)
  const add = (): void => {
    put([...items, emptyOf(item, root)])
    // Whoever adds one wants to write it.
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`:scope > [data-pointer="${CSS.escape(`${pointer}/${items.length}`)}"] :is(input, textarea, select)`)?.focus())
  }
  return (
    <div className="nested" ref={box}>
      {items.map((one, at) => (
        <OneField
          key={at} root={root} value={one} pointer={`${pointer}/${at}`}
          field={{ name: String(at), label: `${field.label} ${at + 1}`, about: '', isRequired: true, initial: undefined, schema: item }}
          onChange={(next) => put(items.map((old, index) => (index === at ? (next ?? null) : old)))}
          onRemove={() => put(items.filter((_, index) => index !== at))}
        />
      ))}
      {!isReadOnly && <button type="button" className="button small" aria-label={`Add to ${field.label}`} onClick={add}><Icon name="plus" /> Add</button>}
    </div>
  )
}

/** The fields that no schema names: each with a name of its own. */
function OpenFields(props: { schema: Schema; root: Schema; pointer: string; names: string[]; isOpen: boolean; object: ObjectOf; onChange: (value: ObjectOf) => void }) {
  const { isReadOnly, expression } = useForm()
  const { names, object } = props
  const extra = props.schema['additionalProperties']
  const schema: Schema = typeof extra === 'object' && extra !== null && !Array.isArray(extra) ? extra : {}
  const rename = (from: string, to: string): void => {
    if (to === '' || to in object) return
    props.onChange(Object.fromEntries(Object.entries(object).map(([name, value]) => [name === from ? to : name, value])))
  }
  const add = (): void => {
    let count = 1
    while (`value${count}` in object) count += 1
    const blank = shapeOf(schema, props.root).kind === 'any' ? (expression ? '=' : '') : emptyOf(schema, props.root)
    props.onChange({ ...object, [`value${count}`]: blank })
  }
  return (
    <>
      {names.map((name, at) => (
        <OneField
          key={at} root={props.root} value={object[name]} pointer={`${props.pointer}/${escaped(name)}`}
          field={{ name, label: name, about: '', isRequired: true, initial: undefined, schema }}
          onChange={(value) => props.onChange({ ...object, [name]: value ?? null })}
          onRemove={() => props.onChange(withField(object, name, undefined))}
          labelControl={<NameInput name={name} isReadOnly={isReadOnly} onRename={(to) => rename(name, to)} />}
        />
      ))}
      {props.isOpen && !isReadOnly && <button type="button" className="button small" onClick={add}><Icon name="plus" /> Add a value</button>}
    </>
  )
}

function NameInput({ name, isReadOnly, onRename }: { name: string; isReadOnly: boolean; onRename: (to: string) => void }) {
  return (
    <input
      key={name} className="name-input mono" aria-label={`Name of ${name}`} defaultValue={name} readOnly={isReadOnly} spellCheck={false} maxLength={200}
      onBlur={(event) => onRename(event.target.value.trim())}
      onKeyDown={(event) => { if (event.key === 'Enter') event.currentTarget.blur() }}
    />
  )
}
