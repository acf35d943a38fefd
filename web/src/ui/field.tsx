import { type ReactNode, useId } from 'react'
import '../styles/form.css'

/** Fields that belong together, under a title. */
export function Group({ title, about, children }: { title: string; about?: string | undefined; children: ReactNode }) {
  return (
    <fieldset className="form-group">
      <legend>{title}</legend>
      {about && <p className="sub wide">{about}</p>}
      {children}
    </fieldset>
  )
}

type FieldProps = { id: string; className?: string; 'aria-describedby'?: string }

/** A label above its control, and what to know about it below. */
export function Field(props: { label: string; hint?: string | undefined; isWide?: boolean; children: (field: FieldProps) => ReactNode }) {
  const id = useId()
  return (
    <div className={props.isWide ? 'form-field wide' : 'form-field'}>
      <label htmlFor={id}>{props.label}</label>
      {props.children({ id, ...(props.hint && { 'aria-describedby': `${id}-hint` }) })}
      {props.hint && <span className="sub" id={`${id}-hint`}>{props.hint}</span>}
    </div>
  )
}
