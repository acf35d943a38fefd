import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { api } from '../../../api/client.ts'
import { change as changeNode } from '../../../canvas/edit.ts'
import { KIND_LABELS, type Node, titleOf } from '../../../canvas/graph.ts'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { Icon } from '../../../ui/icon.tsx'
import { InnerTabs } from '../../../ui/tabs.tsx'
import { Foreign, Id } from '../../../ui/text.tsx'
import { expressionIn, toExpression } from '../../../canvas/expressions.ts'
import { FormContext, type FormTools } from '../../schema/context.ts'
import { ExpressionField } from '../expression/expression-field.tsx'
import { usePanel } from './context.ts'
import { Inputs } from './kinds.tsx'
import { Notes } from './notes.tsx'
import { Retries } from './retries.tsx'
import { WaysOut } from './ways-out.tsx'

const INPUTS = 'Inputs'
const RETRIES = 'Retries and time'
const NOTES = 'Name and notes'

/** The property panel of one node. */
export function NodePanel({ node, onClose }: { node: Node; onClose: () => void }) {
  const panel = usePanel()
  const { projectId, apply, problems, wanted, canEdit, components } = panel
  const [tab, setTab] = useState(INPUTS)
  const box = useRef<HTMLDivElement>(null)
  const tabs = node.kind === 'activity' || node.kind === 'workflow' ? [INPUTS, RETRIES, NOTES] : [INPUTS, NOTES]
  useEffect(() => {
    if (wanted === null) return
    setTab(/^\/(retry|timeout|nonRetryable)/.test(wanted) && node.kind !== 'approval' ? RETRIES : wanted === '/name' || wanted === '/id' || wanted === '/notes' ? NOTES : INPUTS)
  }, [wanted, node.id, node.kind])
  const shown = tabs.includes(tab) ? tab : INPUTS
  useWantedField(box, wanted, shown)
  const onChange = (part: Partial<Node>, field: string): void => apply((graph) => changeNode(graph, node.id, (before) => ({ ...before, ...part }) as Node), `${node.id}/${field}`)
  const services = useQuery(api.service.list.queryOptions({ projectId }, { staleTime: 60_000 }))
  const tools = useMemo((): FormTools => {
    const own = problems.filter((problem) => problem.node === node.id)
    return {
      isReadOnly: !canEdit,
      services: services.data?.items.map((service) => service.name) ?? [],
      problemsAt: (pointer) => own.filter((problem) => problem.field === pointer && problem.at === null),
      expression: (props) => <ExpressionField id={props.id} label={props.label} pointer={props.pointer} value={expressionIn(props.value)} isRequired={false} onChange={(text) => props.onChange(toExpression(text))} />,
    }
  }, [problems, node.id, canEdit, services.data])
  const component = node.kind === 'activity' ? components.get(node.component)?.name : undefined
  return (
    <FormContext value={tools}>
      <div className="node-panel" ref={box}>
        <div className="inspector-head">
          <h2><Foreign text={titleOf(node, component)} longest={120} /></h2>
          <span className="pill mute mono">{node.id}</span>
          <button type="button" className="bare" aria-label="Close" onClick={onClose}><Icon name="close" /></button>
        </div>
        <p className="where">
          {node.kind === 'activity' ? <><Id text={node.component} longest={60} /> · activity</> : KIND_LABELS[node.kind]}
          {node.kind === 'activity' && <CopyButton text={node.component} label="the activity type" />}
        </p>
        <NodeProblems node={node} />
        <InnerTabs names={tabs} chosen={shown} onChoose={setTab} label="Properties">
          <div className="panel-body" key={node.id}>
            {shown === INPUTS && <><Inputs node={node} onChange={onChange} /><WaysOut node={node} /></>}
            {shown === RETRIES && (node.kind === 'activity' || node.kind === 'workflow') && <Retries node={node} onChange={onChange} />}
            {shown === NOTES && <Notes node={node} onChange={onChange} />}
          </div>
        </InnerTabs>
      </div>
    </FormContext>
  )
}

/** Those problems that no field shows itself. */
function NodeProblems({ node }: { node: Node }) {
  const { problems } = usePanel()
  const own = problems.filter((problem) => problem.node === node.id && problem.field === null)
  if (own.length === 0) return null
  return (
    <ul className="panel-problems">
      {own.map((problem) => <li key={problem.message} className={`field-problem ${problem.severity}`}><Icon name="alert" /> <Foreign text={problem.message} /></li>)}
    </ul>
  )
}

/** Scrolls to the field that a problem is about, and puts the cursor into it. */
function useWantedField(box: React.RefObject<HTMLDivElement | null>, wanted: string | null, tab: string): void {
  useEffect(() => {
    if (wanted === null || wanted === '') return
    const look = (): boolean => {
      const fields = [...(box.current?.querySelectorAll<HTMLElement>('[data-pointer]') ?? [])]
      const nearest = fields.filter((field) => wanted === field.dataset['pointer'] || wanted.startsWith(`${field.dataset['pointer']}/`)).sort((one, other) => (other.dataset['pointer']?.length ?? 0) - (one.dataset['pointer']?.length ?? 0))[0]
      const input = nearest?.querySelector<HTMLElement>('input, select, textarea, .cm-content')
      nearest?.scrollIntoView({ block: 'center' })
      input?.focus({ preventScroll: true })
      return input !== undefined && input !== null
    }
    const frame = requestAnimationFrame(() => look())
    return () => cancelAnimationFrame(frame)
  }, [box, wanted, tab])
}
