import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { api } from '../../../api/client.ts'
import type { Json } from '../../../api/types.ts'
import { renamePort } from '../../../canvas/edit.ts'
import type { Node } from '../../../canvas/graph.ts'
import { Icon } from '../../../ui/icon.tsx'
import { useForm } from '../../schema/context.ts'
import { OneField, SchemaFields } from '../../schema/fields.tsx'
import { SchemaEditor } from '../schema-editor.tsx'
import { type FormOf, usePanel } from './context.ts'
import { PureExpression } from './pure-expression.tsx'
import { SecondsInput } from './seconds-input.tsx'

const anything = { type: 'object', properties: {} }

/** What each kind of node is given. */
export function Inputs({ node, onChange }: { node: Node; onChange: (change: Partial<Node>, field: string) => void }) {
  switch (node.kind) {
    case 'activity':
      return <ActivityForm node={node} onChange={onChange} />
    case 'workflow':
      return <ChildForm node={node} onChange={onChange} />
    case 'branch':
      return <BranchForm node={node} onChange={onChange} />
    case 'for_each':
      return <ForEachForm node={node} onChange={onChange} />
    case 'wait':
      return <WaitForm node={node} onChange={onChange} />
    case 'approval':
      return <ApprovalForm node={node} onChange={onChange} />
    case 'set':
      return <SetForm node={node} onChange={onChange} />
    case 'end':
      return <EndForm node={node} onChange={onChange} />
    case 'join':
      return <JoinForm node={node} onChange={onChange} />
    case 'start':
      return <p className="sub">A run begins here, with the input that the workflow asks for. What it asks for is set with nothing selected.</p>
    case 'parallel':
      return <p className="sub">Every line that begins here is followed at once. A Join brings them together again.</p>
  }
}

function ActivityForm({ node, onChange }: FormOf<'activity'>) {
  const { components } = usePanel()
  const component = components.get(node.component)
  const schema = component?.inputSchema ?? anything
  return (
    <>
      {!component && <p className="field-problem warning"><Icon name="alert" /> The catalogue does not know {node.component}: its fields are not known.</p>}
      {component?.description && <p className="sub">{component.description}</p>}
      <SchemaFields schema={schema} root={schema} value={node.input} pointer="/input" onChange={(input) => onChange({ input }, 'input')} />
      <TaskQueue value={node.taskQueue} placeholder={component?.taskQueue ?? 'the workflow’s own'} onChange={(taskQueue) => onChange({ taskQueue }, 'taskQueue')} />
    </>
  )
}

function TaskQueue({ value, placeholder, onChange }: { value: string | null; placeholder: string; onChange: (value: string | null) => void }) {
  return (
    <Plain label="Task queue" pointer="/taskQueue">
      {(id, isReadOnly) => <input id={id} type="text" className="mono" readOnly={isReadOnly} spellCheck={false} maxLength={1000} placeholder={placeholder} value={value ?? ''} onChange={(event) => onChange(event.target.value.trim() || null)} />}
    </Plain>
  )
}

/** A field that is no part of a schema, with its problems. */
export function Plain(props: { label: string; about?: string; pointer: string; children: (id: string, isReadOnly: boolean) => React.ReactNode }) {
  const id = useId()
  const form = useForm()
  return (
    <div className="form-field schema-field" data-pointer={props.pointer}>
      <div className="schema-label"><label htmlFor={id}>{props.label}</label></div>
      {props.children(id, form.isReadOnly)}
      {props.about && <span className="sub">{props.about}</span>}
      {form.problemsAt(props.pointer).map((problem) => <span key={problem.message} className={`field-problem ${problem.severity}`}><Icon name="alert" /> {problem.message}</span>)}
    </div>
  )
}

function ChildForm({ node, onChange }: FormOf<'workflow'>) {
  const { projectId, workflowId } = usePanel()
  const list = useQuery(api.workflow.list.queryOptions({ projectId }, { staleTime: 30_000 }))
  const isElsewhere = node.taskQueue !== null
  const built = list.data?.items.filter((one) => one.kind === 'built' && one.id !== workflowId) ?? []
  return (
    <>
      <Plain label="Which" pointer="/workflow">
        {(id, isReadOnly) => isElsewhere
          ? <input id={id} type="text" className="mono" readOnly={isReadOnly} spellCheck={false} maxLength={1000} defaultValue={node.workflow} key={node.id} onBlur={(event) => event.target.value.trim() && onChange({ workflow: event.target.value.trim() }, 'workflow')} />
          : (
            <select id={id} disabled={isReadOnly} value={built.some((one) => one.name === node.workflow) ? node.workflow : ''} onChange={(event) => event.target.value && onChange({ workflow: event.target.value, workflowId: null, version: null }, 'workflow')}>
              <option value="">{built.length === 0 && list.data ? 'no other workflow is built here yet' : 'choose a workflow …'}</option>
              {built.map((one) => <option key={one.id} value={one.name}>{one.name}</option>)}
            </select>
          )}
      </Plain>
      <label className="check"><input type="checkbox" disabled={useForm().isReadOnly} checked={isElsewhere} onChange={(event) => onChange({ taskQueue: event.target.checked ? 'task-queue' : null, version: null, workflowId: null }, 'taskQueue')} /> Served by other workers, under a Temporal workflow type</label>
      {isElsewhere && (
        <Plain label="Task queue" pointer="/taskQueue">
          {(id, isReadOnly) => <input id={id} type="text" className="mono" readOnly={isReadOnly} spellCheck={false} maxLength={1000} key={node.id} defaultValue={node.taskQueue ?? ''} onBlur={(event) => event.target.value.trim() && onChange({ taskQueue: event.target.value.trim() }, 'taskQueue')} />}
        </Plain>
      )}
      {!isElsewhere && (
        <Plain label="Version" pointer="/version" about="Empty: the newest when this workflow’s version is saved.">
          {(id, isReadOnly) => <input id={id} type="number" min={1} step={1} readOnly={isReadOnly} placeholder="newest" value={node.version ?? ''} onChange={(event) => onChange({ version: event.target.valueAsNumber >= 1 ? Math.floor(event.target.valueAsNumber) : null }, 'version')} />}
        </Plain>
      )}
      <OneField field={{ name: 'input', label: 'Input', about: '', isRequired: false, initial: undefined, schema: anything }} root={anything} value={node.input ?? undefined} pointer="/input" onChange={(input) => onChange({ input: input ?? null }, 'input')} />
    </>
  )
}

function BranchForm({ node, onChange }: FormOf<'branch'>) {
  const { apply, canEdit } = usePanel()
  const put = (at: number, when: string): void => onChange({ cases: node.cases.map((one, index) => (index === at ? { ...one, when } : one)) }, `cases/${at}`)
  const add = (): void => {
    const taken = new Set(node.cases.map((one) => one.port))
    let count = node.cases.length + 1
    while (taken.has(`case-${count}`)) count += 1
    onChange({ cases: [...node.cases, { port: `case-${count}`, when: 'false' }] }, `add-${count}`)
  }
  return (
    <>
      <p className="sub">The first case that is true is the way; else “otherwise”.</p>
      {node.cases.map((one, at) => (
        <fieldset key={at} className="case">
          <legend className="unseen">Case {at + 1}</legend>
          <div className="row">
            <PortName port={one.port} others={node.cases.map((other) => other.port)} isReadOnly={!canEdit} onRename={(to) => apply((graph) => renamePort(graph, node.id, one.port, to))} />
            <span className="grow" />
            {canEdit && node.cases.length > 1 && <button type="button" className="bare small" aria-label={`Remove the case ${one.port}`} onClick={() => onChange({ cases: node.cases.filter((_, index) => index !== at) }, `remove-${at}-${node.cases.length}`)}><Icon name="close" /></button>}
          </div>
          <PureExpression label={`When “${one.port}”`} pointer={`/cases/${at}/when`} value={one.when} isRequired onChange={(when) => when && put(at, when)} />
        </fieldset>
      ))}
      {canEdit && node.cases.length < 50 && <button type="button" className="button small" onClick={add}><Icon name="plus" /> Add a case</button>}
    </>
  )
}

function PortName({ port, others, isReadOnly, onRename }: { port: string; others: string[]; isReadOnly: boolean; onRename: (to: string) => void }) {
  const rename = (typed: string): void => {
    const to = typed.trim().toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '').slice(0, 62)
    if (to !== '' && to !== 'otherwise' && !others.includes(to)) onRename(to)
  }
  return <input key={port} className="name-input" aria-label={`Name of the case ${port}`} defaultValue={port} readOnly={isReadOnly} maxLength={62} spellCheck={false} onBlur={(event) => { rename(event.target.value); event.target.value = port }} onKeyDown={(event) => { if (event.key === 'Enter') event.currentTarget.blur() }} />
}

function ForEachForm({ node, onChange }: FormOf<'for_each'>) {
  return (
    <>
      <PureExpression label="Items" about="An expression that gives a list." pointer="/items" value={node.items} isRequired onChange={(items) => items && onChange({ items }, 'items')} />
      <Plain label="How many at once" pointer="/concurrency">
        {(id, isReadOnly) => <input id={id} type="number" min={1} max={100} step={1} readOnly={isReadOnly} value={node.concurrency} onChange={(event) => event.target.valueAsNumber >= 1 && event.target.valueAsNumber <= 100 && onChange({ concurrency: Math.floor(event.target.valueAsNumber) }, 'concurrency')} />}
      </Plain>
      <PureExpression label="Result of one item" about="Empty: the output of the last step of the body." pointer="/result" value={node.result} onChange={(result) => onChange({ result }, 'result')} />
      <Plain label="When an item fails" pointer="/onError">
        {(id, isReadOnly) => (
          <select id={id} disabled={isReadOnly} value={node.onError} onChange={(event) => onChange({ onError: event.target.value === 'continue' ? 'continue' : 'stop' }, 'onError')}>
            <option value="stop">stop: the for-each fails</option>
            <option value="continue">go on: its result is null</option>
          </select>
        )}
      </Plain>
    </>
  )
}

function WaitForm({ node, onChange }: FormOf<'wait'>) {
  const mode = node.until !== null ? 'until' : typeof node.seconds === 'string' ? 'computed' : 'time'
  const choose = (to: string): void => {
    if (to === 'until') onChange({ seconds: null, until: 'input.until' }, 'mode')
    else onChange({ seconds: to === 'computed' ? 'input.seconds' : 60, until: null }, 'mode')
  }
  return (
    <>
      <Plain label="Wait" pointer="/mode">
        {(id, isReadOnly) => (
          <select id={id} disabled={isReadOnly} value={mode} onChange={(event) => choose(event.target.value)}>
            <option value="time">for a time</option>
            <option value="computed">for a number of seconds that is computed</option>
            <option value="until">until a moment</option>
          </select>
        )}
      </Plain>
      {mode === 'time' && <Plain label="How long" pointer="/seconds">{(id, isReadOnly) => <SecondsInput id={id} label="How long" isRequired isReadOnly={isReadOnly} value={typeof node.seconds === 'number' ? node.seconds : null} onChange={(seconds) => onChange({ seconds }, 'seconds')} />}</Plain>}
      {mode === 'computed' && <PureExpression label="Seconds" pointer="/seconds" value={typeof node.seconds === 'string' ? node.seconds : ''} isRequired onChange={(seconds) => seconds && onChange({ seconds }, 'seconds')} />}
      {mode === 'until' && <PureExpression label="Until" about="An expression that gives a moment, such as a text 2027-01-31T08:00:00Z." pointer="/until" value={node.until} isRequired onChange={(until) => until && onChange({ until }, 'until')} />}
    </>
  )
}

function ApprovalForm({ node, onChange }: FormOf<'approval'>) {
  return (
    <>
      <OneField field={{ name: 'question', label: 'Question', about: 'What the person reads.', isRequired: true, initial: undefined, schema: { type: 'string', format: 'textarea' } }} root={{}} value={node.question} pointer="/question" onChange={(question) => onChange({ question: question ?? '' }, 'question')} />
      <Plain label="Answer within" about="Then it goes on at “timed out”." pointer="/timeoutSeconds">
        {(id, isReadOnly) => <SecondsInput id={id} label="Answer within" placeholder="no limit" isReadOnly={isReadOnly} value={node.timeoutSeconds} onChange={(timeoutSeconds) => onChange({ timeoutSeconds }, 'timeoutSeconds')} />}
      </Plain>
      <section data-pointer="/form">
        <h3>Form</h3>
        <p className="sub">What the person fills in.</p>
        <SchemaEditor schema={node.form} onChange={(form) => onChange({ form }, 'form')} />
      </section>
    </>
  )
}

function SetForm({ node, onChange }: FormOf<'set'>) {
  return (
    <>
      <p className="sub">Later steps use these as <code>nodes.{node.id.replaceAll('-', '_')}.…</code></p>
      <SchemaFields schema={anything} root={anything} value={node.values} pointer="/values" onChange={(values) => onChange({ values }, 'values')} />
    </>
  )
}

function EndForm({ node, onChange }: FormOf<'end'>) {
  const result = (value: Json | undefined): void => onChange({ result: value ?? null }, 'result')
  return (
    <>
      <Plain label="The run" pointer="/outcome">
        {(id, isReadOnly) => (
          <select id={id} disabled={isReadOnly} value={node.outcome} onChange={(event) => onChange({ outcome: event.target.value === 'failed' ? 'failed' : 'completed' }, 'outcome')}>
            <option value="completed">completes with a result</option>
            <option value="failed">fails</option>
          </select>
        )}
      </Plain>
      {node.outcome === 'completed' ? (
        <OneField field={{ name: 'result', label: 'Result', about: '', isRequired: false, initial: undefined, schema: {} }} root={{}} value={node.result ?? undefined} pointer="/result" onChange={result} />
      ) : (
        <>
          <Plain label="Error type" pointer="/errorType">
            {(id, isReadOnly) => <input id={id} type="text" readOnly={isReadOnly} maxLength={200} value={node.errorType} onChange={(event) => onChange({ errorType: event.target.value }, 'errorType')} />}
          </Plain>
          <OneField field={{ name: 'message', label: 'Message', about: '', isRequired: true, initial: undefined, schema: { type: 'string', format: 'textarea' } }} root={{}} value={node.message} pointer="/message" onChange={(message) => onChange({ message: message ?? '' }, 'message')} />
        </>
      )}
    </>
  )
}

function JoinForm({ node, onChange }: FormOf<'join'>) {
  return (
    <Plain label="Goes on" pointer="/mode">
      {(id, isReadOnly) => (
        <select id={id} disabled={isReadOnly} value={node.mode} onChange={(event) => onChange({ mode: event.target.value === 'any' ? 'any' : 'all' }, 'mode')}>
          <option value="all">when all have arrived</option>
          <option value="any">with the first that arrives</option>
        </select>
      )}
    </Plain>
  )
}
