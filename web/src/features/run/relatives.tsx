import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Execution } from '../../api/types.ts'
import { groupLifecycle, lifecycleText } from '../../lib/headline.ts'
import { statusLook } from '../../lib/status.ts'
import { Icon } from '../../ui/icon.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Foreign, Id } from '../../ui/text.tsx'

/** What happened to the run itself: cancelled by whom, paused, reset … */
export function Lifecycle({ execution }: { execution: Execution }) {
  const lines = groupLifecycle(execution.lifecycle).flatMap(({ event, count }) => {
    const text = tells(execution, event) ? null : lifecycleText(shortened(execution, event))
    return text ? [{ event, text, count }] : []
  })
  if (lines.length === 0) return null
  return (
    <ul className="lifecycle" aria-label="What happened to the run">
      {lines.slice(-12).map(({ event, text, count }) => (
        <li key={event.eventId}>
          <Icon name="flag" />
          <span><Foreign text={text.length > 300 ? `${text.slice(0, 300)}…` : text} />{count > 1 && <b> × {count}</b>}</span>
          {event.at && <span className="sub"><Moment iso={event.at} /></span>}
        </li>
      ))}
    </ul>
  )
}

/** Is it said already, word for word: by the sentence above it, or by the strip of the chain below? */
function tells(execution: Execution, event: Execution['lifecycle'][number]): boolean {
  if (event.type === 'continued_as_new' || event.type === 'carried_on') return execution.chain.length > 0
  if (event.type !== execution.status || execution.problem) return false
  return execution.lifecycle.findLast(({ type }) => type === event.type) === event
}

/** The newest failure of the workflow's code without its message while the sentence above the facts holds that. */
function shortened(execution: Execution, event: Execution['lifecycle'][number]): Execution['lifecycle'][number] {
  if (execution.problem !== 'workflow_task_failing' || execution.lifecycle.findLast(({ type }) => type === event.type) !== event) return event
  return { ...event, reason: event.reason?.split(': ')[0] ?? null }
}

/** The runs this one belongs to: its parent, and the chain it is a part of. */
export function Relatives({ execution }: { execution: Execution }) {
  const { parent, root } = execution
  const replacement = execution.chain.find((link) => link.relation === 'replacement')
  const { calledBy } = execution
  if (!parent && !replacement && !execution.scheduleId && !calledBy) return null
  const hasOtherRoot = root && root.temporalRunId !== parent?.temporalRunId && root.temporalRunId !== execution.temporalRunId
  return (
    <ul className="relatives" aria-label="Related runs">
      {execution.scheduleId && <li><span className="sub">started by schedule</span> <Link to="/projects/$projectId/schedules" params={{ projectId: execution.projectId }} search={{ schedule: execution.scheduleId }}><Id text={execution.scheduleId} longest={48} /></Link></li>}
      {parent && <li><span className="sub">part of</span> <RunLink id={parent.executionId}><Id text={parent.temporalWorkflowId} longest={48} /></RunLink></li>}
      {root && hasOtherRoot && <li><span className="sub">begun by</span> <RunLink id={root.executionId}><Id text={root.temporalWorkflowId} longest={48} /></RunLink></li>}
      {calledBy && (
        <li>
          <span className="sub">called by</span> <RunLink id={calledBy.executionId}><Id text={calledBy.temporalWorkflowId} longest={48} /></RunLink>{' '}
          <span className="sub">in namespace <Id text={calledBy.namespace} longest={48} /></span>
        </li>
      )}
      {replacement && (
        <li>
          <span className="sub">replaced by</span> <RunLink id={replacement.executionId}><Id text={replacement.temporalRunId} longest={13} /></RunLink>
          {replacement.status && <span className="sub">{statusLook(replacement.status).label}</span>}
        </li>
      )}
    </ul>
  )
}

function RunLink({ id, children }: { id: string | null; children: ReactNode }) {
  if (id === null) return <span title="Not copied yet">{children}</span>
  return <Link to="/executions/$executionId" params={{ executionId: id }}>{children}</Link>
}
