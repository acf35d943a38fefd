import { useId } from 'react'
import { useForm } from '../../schema/context.ts'
import { Problems } from '../../schema/fields.tsx'
import { ExpressionField } from '../expression/expression-field.tsx'

/** A field where nothing but an expression can stand. */
export function PureExpression(props: { label: string; about?: string; pointer: string; value: string | null; isRequired?: boolean; onChange: (value: string | null) => void }) {
  const id = useId()
  const form = useForm()
  const problems = form.problemsAt(props.pointer)
  return (
    <div className="form-field schema-field" data-pointer={props.pointer}>
      <div className="schema-label"><label htmlFor={id}>{props.label}{props.isRequired && <> <span className="required" aria-label="required">*</span></>}</label></div>
      <ExpressionField id={id} label={props.label} pointer={props.pointer} value={props.value ?? ''} isRequired={props.isRequired ?? false} onChange={(text) => props.onChange(text === '' ? null : text)} />
      {props.about && <span className="sub">{props.about}</span>}
      {problems.length > 0 && <Problems problems={problems} />}
    </div>
  )
}
