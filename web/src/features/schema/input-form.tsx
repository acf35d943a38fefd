import { useMemo } from 'react'
import type { Json } from '../../api/types.ts'
import { type Schema, shapeOf } from '../../lib/schema.ts'
import { FormContext, type FormTools } from './context.ts'
import { SchemaFields } from './fields.tsx'
import { JsonField } from './json-field.tsx'

type Props = {
  schema: Schema
  value: Json | undefined
  isJson: boolean
  /** Required fields that are to be said to be empty, as JSON pointers. */
  missing: readonly string[]
  onJson: (isJson: boolean) => void
  onChange: (value: Json | undefined) => void
}

/** What a run is started with: fields made from the input schema, or the whole as JSON. */
export function InputForm({ schema, value, isJson, missing, onJson, onChange }: Props) {
  const tools = useMemo((): FormTools => ({ isReadOnly: false, problemsAt: (pointer) => (missing.includes(pointer) ? [{ message: 'This is needed.', severity: 'error' }] : []) }), [missing])
  const shape = shapeOf(schema, schema)
  const asksNothing = shape.kind === 'object' && shape.fields.length === 0
  return (
    <FormContext value={tools}>
      {isJson ? (
        <div className="form-field">
          <label htmlFor="run-input">Input, as JSON</label>
          <JsonField id="run-input" value={value} isReadOnly={false} describedBy={undefined} rows={8} onChange={onChange} />
        </div>
      ) : asksNothing && isEmpty(value) ? <p className="sub">This workflow asks for no input.</p> : (
        <SchemaFields schema={schema} root={schema} value={value} pointer="" onChange={onChange} />
      )}
      <div><button type="button" className="plain" onClick={() => onJson(!isJson)}>{isJson ? 'as a form' : 'as JSON'}</button></div>
    </FormContext>
  )
}

const isEmpty = (value: Json | undefined): boolean => value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
