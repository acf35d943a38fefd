import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { Schedule, ScheduledRun } from '../api/types.ts'
import { overlapText, scheduleLook } from '../lib/schedule.ts'
import { statusLook } from '../lib/status.ts'
import { Icon } from '../ui/icon.tsx'
import { Age, Moment, Until, useNow } from '../ui/moment.tsx'
import { LookPill } from '../ui/status-pill.tsx'
import { Foreign, Id } from '../ui/text.tsx'

/** One schedule: when it runs, its next and its last run, and what is wrong with it. */
export function ScheduleRow({ schedule, isWanted }: { schedule: Schedule; isWanted: boolean }) {
  const look = scheduleLook(schedule)
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (isWanted) row.current?.scrollIntoView({ block: 'nearest' })
  }, [isWanted])
  return (
    <li ref={row} className={`schedule ${isWanted ? 'wanted' : ''}`} aria-current={isWanted || undefined}>
      <div className="schedule-head">
        <h2><Id text={schedule.scheduleId} longest={80} /></h2>
        {look && <LookPill look={look} />}
        <span className="sub">starts <Foreign text={schedule.workflowType || 'no workflow'} longest={80} /></span>
      </div>
      <dl className="schedule-facts">
        <div><dt>When</dt><dd><Foreign text={schedule.words} longest={300} /></dd></div>
        <div><dt>Next run</dt><dd><NextRun schedule={schedule} /></dd></div>
        <div><dt>Last run</dt><dd>{schedule.lastRun ? <LastRun run={schedule.lastRun} /> : <span className="sub">{schedule.actionCount ? 'not known any more' : 'none yet'}</span>}</dd></div>
      </dl>
      {schedule.note !== '' && <p className="sub">{schedule.paused ? 'Paused: ' : 'Note: '}<Foreign text={schedule.note} longest={400} /></p>}
      {schedule.warnings.map((text) => <p key={text} className="schedule-warning"><Icon name="alert" /><Foreign text={text} longest={600} /></p>)}
      <details>
        <summary>More about it<span className="unseen"> — {schedule.scheduleId}</span></summary>
        <More schedule={schedule} />
      </details>
    </li>
  )
}

function NextRun({ schedule }: { schedule: Schedule }) {
  if (schedule.goneAt) return <span className="sub">none: deleted, found gone <Age iso={schedule.goneAt} /></span>
  if (schedule.paused) return <span className="sub">none while it is paused</span>
  if (!schedule.nextRunAt) return <span className="sub">none: no time is left in its specification</span>
  if (schedule.late) return <><span className="bad-text">was due <Age iso={schedule.nextRunAt} /></span> <span className="sub"><Moment iso={schedule.nextRunAt} /></span></>
  return <Upcoming times={schedule.nextRuns} first={schedule.nextRunAt} />
}

/** The next of the times that Temporal told up to a minute ago: some of them may have passed. */
function Upcoming({ times, first }: { times: readonly string[]; first: string }) {
  const now = useNow(1000)
  const next = times.find((at) => Date.parse(at) > now) ?? times.at(-1) ?? first
  return <><Until iso={next} /> <span className="sub"><Moment iso={next} /></span></>
}

function LastRun({ run }: { run: ScheduledRun }) {
  const at = run.startedAt ?? run.dueAt
  const content = (
    <>
      {run.status ? <LookPill look={statusLook(run.status)} /> : <Id text={run.temporalWorkflowId} longest={48} />}
      <span className="unseen"> {run.temporalWorkflowId}</span>
    </>
  )
  return (
    <span className="row scheduled-run">
      {run.executionId ? <Link to="/executions/$executionId" params={{ executionId: run.executionId }}>{content}</Link> : <span title="Not in this project (yet)">{content}</span>}
      {at && <span className="sub"><Age iso={at} /></span>}
    </span>
  )
}

function More({ schedule }: { schedule: Schedule }) {
  const overlap = overlapText(schedule)
  return (
    <div className="schedule-more">
      {overlap && <p>{overlap}</p>}
      {schedule.lastRuns.length > 0 && (
        <section>
          <h3>Last runs</h3>
          <ul className="scheduled-runs">{schedule.lastRuns.map((run) => <li key={run.temporalRunId}><LastRun run={run} /> <Delay run={run} /></li>)}</ul>
        </section>
      )}
      {schedule.nextRuns.length > 1 && (
        <section>
          <h3>Next runs</h3>
          <ul className="scheduled-runs">{schedule.nextRuns.map((at) => <li key={at}><Moment iso={at} /></li>)}</ul>
        </section>
      )}
      <section>
        <h3>Temporal’s specification</h3>
        <pre tabIndex={0} aria-label="Temporal’s specification"><Foreign text={schedule.spec} longest={5000} /></pre>
      </section>
      <p className="sub">
        In namespace <Id text={schedule.namespace} longest={60} />, last listed <Age iso={schedule.seenAt} />
        {schedule.createdAt && <>, created <Moment iso={schedule.createdAt} /></>}
        {schedule.actionCount !== null && <>, {schedule.actionCount} runs started</>}.
      </p>
    </div>
  )
}

/** When it was to start, where that is another time than when it did. */
function Delay({ run }: { run: ScheduledRun }) {
  if (!run.dueAt || !run.startedAt) return null
  const late = Date.parse(run.startedAt) - Date.parse(run.dueAt)
  if (late < 1000) return null
  return <span className="sub">due <Moment iso={run.dueAt} /></span>
}
