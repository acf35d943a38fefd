import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { shorten } from '../../../lib/visible-text.ts'
import { Icon } from '../../../ui/icon.tsx'
import { Foreign } from '../../../ui/text.tsx'
import { useForm } from '../../schema/context.ts'
import { useChecks } from './use-checks.ts'

const ExpressionEditor = lazy(() => import('./editor.tsx').then((module) => ({ default: module.ExpressionEditor })))

/** An expression, what is wrong in it, and what it gave in the last run. `value` is without the `=`. */
export function ExpressionField(props: { id: string; label: string; pointer: string; value: string; isRequired: boolean; onChange: (text: string) => void }) {
  const { isReadOnly } = useForm()
  const [text, setText] = useState(props.value)
  const isEmpty = text.trim() === ''
  useEffect(() => setText((before) => (before.trim() === '' && props.isRequired ? before : props.value)), [props.value, props.isRequired])
  const change = (typed: string): void => {
    setText(typed)
    if (typed !== props.value && (typed.trim() !== '' || !props.isRequired)) props.onChange(typed)
  }
  const [isActive, setIsActive] = useState(false)
  const checks = useChecks(text, props.pointer, isActive && !isReadOnly)
  const marks = useMemo(() => checks.problems.flatMap(({ at }) => {
    const [from, to] = at ?? []
    return typeof from === 'number' && typeof to === 'number' ? [{ from, to }] : []
  }), [checks.problems])
  const isInvalid = checks.problems.some((problem) => problem.severity === 'error') || (isEmpty && props.isRequired)
  return (
    <div className="expression" onFocus={() => setIsActive(true)} onBlur={() => setIsActive(false)}>
      <Suspense fallback={<div className="expression-editor waiting mono">{text}</div>}>
        <ExpressionEditor id={props.id} label={props.label} value={text} isReadOnly={isReadOnly} isInvalid={isInvalid} placeholder="input.name" names={checks.names} marks={marks} onChange={change} />
      </Suspense>
      <div role="status" className="expression-status">
        {isEmpty && props.isRequired && <span className="field-problem error"><Icon name="alert" /> An expression is needed here; the one before is kept until then.</span>}
        {!isEmpty && checks.problems.map((problem) => <span key={problem.message} className={`field-problem ${problem.severity}`}><Icon name="alert" /> <Foreign text={problem.message} /></span>)}
        {!isEmpty && checks.problems.length === 0 && checks.preview.state === 'value' && (
          <span className="preview" title={checks.preview.text}><span className="sub">last run</span> <code><Foreign text={shorten(checks.preview.text, 160)} /></code></span>
        )}
        {!isEmpty && checks.problems.length === 0 && checks.preview.state === 'problem' && <span className="field-problem warning"><Icon name="alert" /> <span>With the last run’s data: <Foreign text={checks.preview.sentence} /></span></span>}
      </div>
    </div>
  )
}
