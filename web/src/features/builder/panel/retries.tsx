import { useId, useState } from 'react'
import type { RetryChoice, Timeouts } from '../../../api/types.ts'
import { FAIL_AFTER_3 } from '../../../canvas/make.ts'
import type { NodeOf } from '../../../canvas/graph.ts'
import { Icon } from '../../../ui/icon.tsx'
import { Foreign } from '../../../ui/text.tsx'
import { useForm } from '../../schema/context.ts'
import { usePanel } from './context.ts'
import { Plain } from './kinds.tsx'
import { Explained } from './explained.tsx'
import { SecondsInput } from './seconds-input.tsx'

type Strategy = RetryChoice['strategy']
type Retried = NodeOf<'activity'> | NodeOf<'workflow'>

const CHOICES: [strategy: Strategy, label: string, choice: RetryChoice][] = [
  ['keep_trying', 'Keep trying until success', { strategy: 'keep_trying', initialIntervalSeconds: 1, backoffCoefficient: 2, maximumIntervalSeconds: 60 }],
  ['fail_after', 'Fail after a number of attempts', FAIL_AFTER_3],
  ['exponential_backoff', 'Exponential backoff', { strategy: 'exponential_backoff', maximumAttempts: 5, initialIntervalSeconds: 1, backoffCoefficient: 2, maximumIntervalSeconds: 100 }],
  ['no_retries', 'No retries', { strategy: 'no_retries' }],
]

/** What happens when the node fails, how long it may take, and a picture of both. */
export function Retries({ node, onChange }: { node: Retried; onChange: (change: Partial<Retried>, field: string) => void }) {
  const name = useId()
  const { isReadOnly } = useForm()
  const { components } = usePanel()
  const component = node.kind === 'activity' ? components.get(node.component) : undefined
  const timeouts: Timeouts = node.kind === 'activity' ? node.timeouts : { startToCloseSeconds: null, scheduleToCloseSeconds: node.timeoutSeconds, scheduleToStartSeconds: null, heartbeatSeconds: null }
  const retry = node.retry
  const put = (next: RetryChoice, field: string): void => onChange({ retry: next }, `retry/${field}`)
  return (
    <>
      <fieldset className="strategies" data-pointer="/retry" disabled={isReadOnly}>
        <legend>When it fails</legend>
        {CHOICES.map(([strategy, label, choice]) => (
          <label key={strategy} className={retry?.strategy === strategy ? 'on' : ''}>
            <input type="radio" name={name} checked={retry?.strategy === strategy} onChange={() => put(component?.retry?.strategy === strategy ? component.retry : choice, 'strategy')} /> {label}
          </label>
        ))}
      </fieldset>
      {retry === null && <p className="field-problem warning"><Icon name="alert" /> No policy is chosen: {component?.retry ? 'the component’s own is used' : 'it fails after 3 attempts'}, and every retry is judged unexpected.</p>}
      {retry && <Numbers retry={retry} onChange={put} />}
      <Explained retry={retry} timeouts={timeouts} />
      <NeverRetried types={node.nonRetryableErrors} onChange={(nonRetryableErrors) => onChange({ nonRetryableErrors }, 'nonRetryableErrors')} />
      <div className="pair">
        {node.kind === 'activity' ? (
          <>
            <Length label="One attempt may take" pointer="/timeouts/startToCloseSeconds" placeholder={timeouts.scheduleToCloseSeconds === null ? '60 s' : 'none'} value={timeouts.startToCloseSeconds} onChange={(startToCloseSeconds) => onChange({ timeouts: { ...timeouts, startToCloseSeconds } }, 'startToClose')} />
            <Length label="All together" pointer="/timeouts/scheduleToCloseSeconds" value={timeouts.scheduleToCloseSeconds} onChange={(scheduleToCloseSeconds) => onChange({ timeouts: { ...timeouts, scheduleToCloseSeconds } }, 'scheduleToClose')} />
            <Length label="Until a worker takes it" pointer="/timeouts/scheduleToStartSeconds" value={timeouts.scheduleToStartSeconds} onChange={(scheduleToStartSeconds) => onChange({ timeouts: { ...timeouts, scheduleToStartSeconds } }, 'scheduleToStart')} />
            <Length label="Longest silence" pointer="/timeouts/heartbeatSeconds" value={timeouts.heartbeatSeconds} onChange={(heartbeatSeconds) => onChange({ timeouts: { ...timeouts, heartbeatSeconds } }, 'heartbeat')} />
          </>
        ) : (
          <Length label="All runs together" pointer="/timeoutSeconds" value={node.timeoutSeconds} onChange={(timeoutSeconds) => onChange({ timeoutSeconds }, 'timeoutSeconds')} />
        )}
      </div>
    </>
  )
}

function Numbers({ retry, onChange }: { retry: RetryChoice; onChange: (retry: RetryChoice, field: string) => void }) {
  if (retry.strategy === 'no_retries') return null
  return (
    <div className="pair">
      {retry.strategy !== 'keep_trying' && (
        <Plain label="Attempts" pointer="/retry/maximumAttempts" {...(retry.strategy === 'exponential_backoff' && { about: '0: until it succeeds' })}>
          {(id, isReadOnly) => <input id={id} type="number" min={retry.strategy === 'fail_after' ? 1 : 0} step={1} readOnly={isReadOnly} value={retry.maximumAttempts} onChange={(event) => { const count = Math.floor(event.target.valueAsNumber); if (count >= (retry.strategy === 'fail_after' ? 1 : 0)) onChange({ ...retry, maximumAttempts: count }, 'attempts') }} />}
        </Plain>
      )}
      <Length label={retry.strategy === 'fail_after' ? 'Wait between' : 'First wait'} pointer="/retry/initialIntervalSeconds" isRequired value={retry.initialIntervalSeconds} onChange={(seconds) => seconds && onChange({ ...retry, initialIntervalSeconds: seconds }, 'interval')} />
      {retry.strategy !== 'fail_after' && (
        <>
          <Plain label="Multiply wait by" pointer="/retry/backoffCoefficient">
            {(id, isReadOnly) => <input id={id} type="number" min={1} max={1000} step="any" readOnly={isReadOnly} value={retry.backoffCoefficient} onChange={(event) => { const factor = event.target.valueAsNumber; if (retry.strategy === 'keep_trying' ? factor >= 1 : factor > 1) onChange({ ...retry, backoffCoefficient: factor }, 'coefficient') }} />}
          </Plain>
          <Length label="Longest wait" pointer="/retry/maximumIntervalSeconds" isRequired value={retry.maximumIntervalSeconds} onChange={(seconds) => seconds && onChange({ ...retry, maximumIntervalSeconds: seconds }, 'maximum')} />
        </>
      )}
    </div>
  )
}

function Length(props: { label: string; pointer: string; value: number | null; placeholder?: string; isRequired?: boolean; onChange: (seconds: number | null) => void }) {
  return (
    <Plain label={props.label} pointer={props.pointer}>
      {(id, isReadOnly) => <SecondsInput id={id} label={props.label} value={props.value} isReadOnly={isReadOnly} isRequired={props.isRequired ?? false} {...(props.placeholder && { placeholder: props.placeholder })} onChange={props.onChange} />}
    </Plain>
  )
}

function NeverRetried({ types, onChange }: { types: readonly string[]; onChange: (types: string[]) => void }) {
  const id = useId()
  const { isReadOnly } = useForm()
  const [typed, setTyped] = useState('')
  const add = (): void => {
    const type = typed.trim()
    if (type !== '' && !types.includes(type)) onChange([...types, type])
    setTyped('')
  }
  return (
    <div className="form-field" data-pointer="/nonRetryableErrors">
      <label htmlFor={id}>Never retry these errors</label>
      <div className="chips">
        {types.map((type) => (
          <span key={type} className="pill mute">
            <Foreign text={type} longest={60} />
            {!isReadOnly && <button type="button" aria-label={`Retry ${type} again`} onClick={() => onChange(types.filter((one) => one !== type))}><Icon name="close" /></button>}
          </span>
        ))}
        {!isReadOnly && <input id={id} type="text" placeholder="an error type, then Enter" spellCheck={false} autoComplete="off" maxLength={1000} value={typed} onChange={(event) => setTyped(event.target.value)} onBlur={add} onKeyDown={(event) => { if (event.key === 'Enter') { event.preventDefault(); add() } }} />}
      </div>
    </div>
  )
}
