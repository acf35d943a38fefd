import { Link } from '@tanstack/react-router'
import type { Run } from './use-run.ts'
import type { ComponentStatus } from '../../api/types.ts'
import { formatDuration } from '../../lib/duration.ts'
import { formatCount, formatShare } from '../../lib/figure.ts'
import { isOpen, isOpenStep } from '../../lib/status.ts'
import { timeSplit } from '../../lib/time-split.ts'
import { Info } from '../../ui/info.tsx'
import { Moment, Took } from '../../ui/moment.tsx'
import { Bone } from '../../ui/states.tsx'
import { Id } from '../../ui/text.tsx'

const SPLIT_TEXT =
  'The sum of the ended steps’ own clocks. Queue: scheduled to first start. Execution: the work itself. Back-off: waits between attempts, and attempts nobody saw. Waiting: timers. Steps that ran side by side are all counted, so the sum may be longer than the run.'

const FAILED: ComponentStatus[] = ['failed', 'timed_out', 'terminated']

export function Facts({ run }: { run: Run }) {
  const { execution } = run
  return (
    <dl className="facts">
      <div>
        <dt>Started</dt>
        <dd><b>{execution.startedAt ? <Moment iso={execution.startedAt} /> : 'not recorded'}</b></dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd><b><Took ms={execution.durationMs} since={isOpen(execution.status) ? execution.startedAt : null} />{execution.durationMs === null && !isOpen(execution.status) && 'not recorded'}</b></dd>
      </div>
      <div>
        <dt>Steps</dt>
        <dd>
          <b>{execution.detailState === 'none' ? 'not copied' : formatCount(execution.componentCount)}</b>
          {execution.failedComponentCount > 0 && <> · <Link to="/executions/$executionId" params={{ executionId: execution.id }} search={{ status: FAILED }} resetScroll={false}>{formatCount(execution.failedComponentCount)} failed</Link></>}
        </dd>
      </div>
      <div>
        <dt>Retries</dt>
        <dd>
          <b>{execution.detailState === 'none' ? 'not copied' : formatCount(execution.retryCount)}</b>
          {execution.unexpectedRetryCount > 0 && <> · {formatCount(execution.unexpectedRetryCount)} unexpected</>}
        </dd>
      </div>
      <div>
        <dt>Task queue</dt>
        <dd><Id text={execution.taskQueue} longest={32} /></dd>
      </div>
      {execution.version !== null && (
        <div>
          <dt>Version</dt>
          <dd><Link to="/workflows/$workflowId/builder" params={{ workflowId: execution.workflowId }} search={{ version: execution.version }} title="Look at this version in the builder"><b>v{execution.version}</b></Link></dd>
        </div>
      )}
      <Split run={run} />
    </dl>
  )
}

function Split({ run }: { run: Run }) {
  const parts = timeSplit(run.steps.filter((step) => !isOpenStep(step.status)))
  if (parts.length === 0) return null
  return (
    <div>
      <dt>
        Where the time went <Info about="Where the time went" text={SPLIT_TEXT} />
      </dt>
      <dd>
        <span className="split" aria-hidden="true">
          {parts.map((part) => (
            <i key={part.clock} className={`fill-${part.clock}`} style={{ width: `${part.share * 100}%` }} />
          ))}
        </span>
        <span className="sub">
          {parts.map((part, at) => (
            <span key={part.clock} title={formatDuration(part.ms)}>
              {at > 0 && ' · '}
              {part.clock} {formatShare(part.share)}
            </span>
          ))}
          {!run.hasAllSteps && (
            <>
              {' · '}of the first {formatCount(run.steps.length)} steps, <button type="button" className="plain" onClick={run.loadRest}>count all</button>
            </>
          )}
        </span>
      </dd>
    </div>
  )
}

export function FactBones() {
  return (
    <div className="facts" aria-hidden="true">
      {[140, 90, 80, 80, 100, 260].map((width, at) => (
        <div key={at}><Bone width={width} height={38} /></div>
      ))}
    </div>
  )
}
