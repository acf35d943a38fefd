import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../../api/client.ts'
import type { BadEnd } from '../../api/types.ts'
import { counted } from '../../lib/figure.ts'
import { statusLook } from '../../lib/status.ts'
import { Age } from '../../ui/moment.tsx'
import { Problem } from '../../ui/states.tsx'
import { LookPill } from '../../ui/status-pill.tsx'
import { Foreign } from '../../ui/text.tsx'

/** What ended badly in the last day. Nobody can mend these runs any more, so they come last. */
export function BadEnds({ projectId }: { projectId: string | undefined }) {
  const ends = useQuery(api.attention.badEnds.queryOptions(projectId === undefined ? {} : { projectId }, { refetchInterval: 30_000 }))
  if (ends.error && !ends.data) return <Problem error={ends.error} what="the runs that ended badly" retry={() => void ends.refetch()} />
  if (!ends.data || ends.data.items.length === 0) return null
  return (
    <section className="attention-group" aria-label="Ended badly in the last 24 hours">
      <h2>Ended badly in the last 24 hours</h2>
      <p className="sub">Retries or time ran out. These runs are over: look whether they have to be started anew.</p>
      <ul className="panel attention-list">
        {ends.data.items.map((end) => <EndRow key={`${end.workflowId}${end.status}${end.errorType}${end.errorMessage}`} end={end} withProject={projectId === undefined} />)}
      </ul>
    </section>
  )
}

function EndRow({ end, withProject }: { end: BadEnd; withProject: boolean }) {
  const name = <Foreign text={end.workflowName} longest={60} />
  return (
    <li className="attention-row">
      <div className="row">
        <LookPill look={statusLook(end.status)} />
        {end.count === 1 ? (
          <Link to="/executions/$executionId" params={{ executionId: end.executionId }} data-row>{name}</Link>
        ) : (
          <Link to="/workflows/$workflowId" params={{ workflowId: end.workflowId }} search={{ status: [end.status] }} data-row>{name}</Link>
        )}
        <span className="sub">
          {counted(end.count, 'run')}
          {withProject && <> · <Foreign text={end.projectName} longest={40} /></>}
        </span>
        <span className="grow" />
        <span className="sub nowrap">last <Age iso={end.lastAt} /></span>
      </div>
      {(end.errorType || end.errorMessage) && (
        <p>
          {end.errorType && <b><Foreign text={end.errorType} longest={100} /></b>}
          {end.errorType && end.errorMessage && ': '}
          {end.errorMessage && <Foreign text={end.errorMessage} longest={300} />}
        </p>
      )}
    </li>
  )
}
