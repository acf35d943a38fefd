import { useMemo } from 'react'
import { FormContext, type FormTools } from '../../schema/context.ts'
import { SchemaEditor } from '../schema-editor.tsx'
import { usePanel } from './context.ts'
import { Plain } from './kinds.tsx'

/** What the workflow as a whole is: shown while no node is selected. */
export function WorkflowPanel() {
  const { graph, apply, problems, canEdit } = usePanel()
  const tools = useMemo((): FormTools => ({ isReadOnly: !canEdit, problemsAt: (pointer) => problems.filter((problem) => problem.node === null && problem.field === pointer) }), [problems, canEdit])
  const rename = (typed: string): void => {
    const name = typed.trim()
    if (name !== '') apply((before) => ({ ...before, name }))
  }
  return (
    <FormContext value={tools}>
      <div className="node-panel">
        <div className="inspector-head"><h2>The workflow</h2></div>
        <p className="where">Select a step to see its properties.</p>
        <div className="panel-body">
          <Plain label="Name" pointer="/name" about="The Temporal workflow type of its runs.">
            {(id, isReadOnly) => <input id={id} key={graph.name} type="text" maxLength={200} readOnly={isReadOnly} spellCheck={false} defaultValue={graph.name} onBlur={(event) => { rename(event.target.value); if (event.target.value.trim() === '') event.target.value = graph.name }} />}
          </Plain>
          <Plain label="Description" pointer="/description">
            {(id, isReadOnly) => <textarea id={id} rows={3} maxLength={10_000} readOnly={isReadOnly} value={graph.description} onChange={(event) => { const description = event.target.value; apply((before) => ({ ...before, description }), 'description') }} />}
          </Plain>
          <section data-pointer="/inputSchema">
            <h3>Input</h3>
            <p className="sub">What a run is started with. Expressions name it <code>input.…</code></p>
            <SchemaEditor schema={graph.inputSchema} onChange={(inputSchema) => apply((before) => ({ ...before, inputSchema }), 'inputSchema')} />
          </section>
          <Plain label="Task queue" pointer="/taskQueue" about="Where the workflow and its steps are worked on. Empty: the project’s own.">
            {(id, isReadOnly) => <input id={id} type="text" className="mono" maxLength={1000} readOnly={isReadOnly} spellCheck={false} placeholder="the project’s own" value={graph.taskQueue ?? ''} onChange={(event) => { const taskQueue = event.target.value.trim() || null; apply((before) => ({ ...before, taskQueue }), 'taskQueue') }} />}
          </Plain>
        </div>
      </div>
    </FormContext>
  )
}
