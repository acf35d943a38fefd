import { Link } from '@tanstack/react-router'
import type { WatchedConnection } from '../../api/types.ts'
import { counted } from '../../lib/figure.ts'
import { Icon } from '../../ui/icon.tsx'
import { Foreign, Id } from '../../ui/text.tsx'

export const isAway = (one: WatchedConnection): boolean => one.state === 'unreachable' || one.state === 'refused'

/** Where what is shown may be old: connections that do not answer, and runs that could not be copied. */
export function Copies({ connections }: { connections: readonly WatchedConnection[] }) {
  const troubled = connections.filter((one) => isAway(one) || one.setAside > 0)
  if (troubled.length === 0) return null
  return (
    <section className="attention-group" aria-label="Not up to date">
      <h2>Not up to date</h2>
      <p className="sub">What is shown of these may be old. It is tried again by itself.</p>
      <ul className="panel attention-list">
        {troubled.flatMap((one) => [
          ...(isAway(one) ? [<Away key={`${one.id}-away`} connection={one} />] : []),
          ...(one.setAside > 0 ? [<SetAside key={`${one.id}-aside`} connection={one} />] : []),
        ])}
      </ul>
    </section>
  )
}

function Away({ connection }: { connection: WatchedConnection }) {
  return (
    <li className="attention-row">
      <div className="row">
        <Link to="/projects/$projectId" params={{ projectId: connection.projectId }} data-row><Foreign text={connection.projectName} longest={60} /></Link>
        <span className="sub">namespace <Id text={connection.namespace} longest={40} /> on <Id text={connection.address} longest={60} /></span>
      </div>
      <p className="bad-text">
        <Icon name="alert" /> <Foreign text={connection.error ?? 'Temporal does not answer; no reason was given.'} longest={400} />
      </p>
    </li>
  )
}

function SetAside({ connection }: { connection: WatchedConnection }) {
  return (
    <li className="attention-row">
      <div className="row">
        <Link to="/projects/$projectId" params={{ projectId: connection.projectId }} data-row><Foreign text={connection.projectName} longest={60} /></Link>
        <span className="sub">namespace <Id text={connection.namespace} longest={40} /></span>
      </div>
      <p>{counted(connection.setAside, 'run')} could not be copied and {connection.setAside === 1 ? 'was' : 'were'} set aside. <Link to="/projects/$projectId/set-aside" params={{ projectId: connection.projectId }}>Show why</Link></p>
    </li>
  )
}
