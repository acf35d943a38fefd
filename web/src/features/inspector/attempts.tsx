import type { Attempt, Component, ComponentDetails } from '../../api/types.ts'
import { attemptNow } from '../../lib/attempt.ts'
import { formatDuration } from '../../lib/duration.ts'
import { isOpenStep } from '../../lib/status.ts'
import { Age, useNow } from '../../ui/moment.tsx'
import { Foreign } from '../../ui/text.tsx'

const SOURCES: Record<Attempt['source'], { label: string; title: string }> = {
  observed: { label: 'observed', title: 'Seen while the run was alive' },
  recorded: { label: 'recorded', title: 'Kept in Temporal’s history' },
  not_recorded: { label: 'not recorded', title: 'It must have happened, but neither Temporal nor Watchglass kept it' },
}
const MOST_ROWS = 50

/** What goes on right now: the attempt that runs, or the one that is waited for, and the last sign of life. */
export function AttemptNow({ step, isRunPaused }: { step: Component; isRunPaused: boolean }) {
  const now = useNow(1000)
  const text = attemptNow(step, now, isRunPaused)
  if (text === null && step.lastHeartbeatAt === null) return null
  return (
    <section className="attempt-now">
      {text !== null && <span>{text}.</span>}
      {step.lastHeartbeatAt !== null && <span className="sub"> Last heartbeat <Age iso={step.lastHeartbeatAt} />.</span>}
    </section>
  )
}

/** Every try, and how we know of it. Long runs of tries that nobody kept are one line. */
export function Attempts({ step }: { step: ComponentDetails }) {
  const rows = step.attempts.length > MOST_ROWS ? squeeze(step.attempts) : step.attempts
  if (step.attempts.length < 2) return null
  const [source] = rows.map((attempt) => attempt.source)
  const isSame = source !== undefined && rows.every((attempt) => attempt.source === source)
  return (
    <>
      <table className="attempts">
        <caption className="unseen">Attempts</caption>
        <thead>
          <tr>
            <th scope="col" className="num">try</th>
            <th scope="col" className="num">ended after</th>
            <th scope="col" className="num">took</th>
            <th scope="col">error</th>
            {!isSame && <th scope="col">known</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((attempt, at) => (
            <tr key={`${attempt.number}-${at}`}>
              <td className="num">{attempt.number}</td>
              <td className="num">{endedAfter(step, attempt)}</td>
              <td className="num" title={attempt.startedAt ? undefined : 'Its start was not seen'}>{lengthOf(attempt)}</td>
              <td title={attempt.failure?.message}>{attempt.failure ? <Foreign text={attempt.failure.type} longest={48} /> : <span className="sub">{outcomeOf(step, attempt)}</span>}</td>
              {!isSame && <td className="sub nowrap" title={SOURCES[attempt.source].title}>{SOURCES[attempt.source].label}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {isSame && <p className="sub" title={SOURCES[source].title}>All of them {SOURCES[source].label}.</p>}
    </>
  )
}

function squeeze(attempts: readonly Attempt[]): Attempt[] {
  const known = attempts.filter((attempt) => attempt.source !== 'not_recorded')
  return known.length > MOST_ROWS ? known.slice(-MOST_ROWS) : known.length > 0 ? known : attempts.slice(-MOST_ROWS)
}

function endedAfter(step: ComponentDetails, attempt: Attempt): string {
  if (!attempt.endedAt || !step.scheduledAt) return '–'
  return formatDuration(Date.parse(attempt.endedAt) - Date.parse(step.scheduledAt))
}

function lengthOf(attempt: Attempt): string {
  if (!attempt.startedAt || !attempt.endedAt) return '–'
  return formatDuration(Date.parse(attempt.endedAt) - Date.parse(attempt.startedAt))
}

function outcomeOf(step: ComponentDetails, attempt: Attempt): string {
  if (attempt.source === 'not_recorded') return 'unknown'
  if (attempt.number === step.attempt && step.status === 'completed') return 'succeeded'
  if (attempt.endedAt) return ''
  return attempt.number === step.attempt && isOpenStep(step.status) ? 'running' : 'its end was not seen'
}
