import { Link } from '@tanstack/react-router'
import { Fragment, type ReactNode } from 'react'
import type { Component } from '../../api/types.ts'
import { formatDuration } from '../../lib/duration.ts'
import { isServerDefault, policySentence } from '../../lib/retry.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Age, Moment } from '../../ui/moment.tsx'
import { Foreign, Id } from '../../ui/text.tsx'
import { PayloadList } from '../payload/payload-list.tsx'

type Pair = readonly [string, ReactNode]

function Pairs({ pairs }: { pairs: readonly (Pair | false | null)[] }) {
  return (
    <dl className="pairs">
      {pairs.map((pair) => pair && <Fragment key={pair[0]}><dt>{pair[0]}</dt><dd>{pair[1]}</dd></Fragment>)}
    </dl>
  )
}

export function PolicyFacts({ step }: { step: Component }) {
  const policy = step.retryPolicy
  if (!policy) return <p className="sub">{step.kind === 'activity' || step.kind === 'child_workflow' ? 'No retry policy is recorded for this step.' : 'This kind of step has no retry policy.'}</p>
  return (
    <>
      <p>{policySentence(policy)}</p>
      {step.chosenPolicy && !step.policyDiffers && <p className="sub">That is what the drawing says.</p>}
      {step.policyDiffers && step.chosenPolicy && <p className="sub">The drawing says something else: {policySentence(step.chosenPolicy)}</p>}
      {isServerDefault(policy) && <p className="sub">These are Temporal’s own defaults; the history cannot tell whether somebody chose them.</p>}
      <Pairs
        pairs={[
          ['attempts', policy.maximumAttempts === 0 ? 'unlimited' : policy.maximumAttempts],
          ['first wait', formatDuration(policy.initialIntervalMs)],
          ['growth', `× ${policy.backoffCoefficient}`],
          policy.maximumIntervalMs !== null && ['longest wait', formatDuration(policy.maximumIntervalMs)],
          policy.nonRetryableErrorTypes.length > 0 && ['never retries', policy.nonRetryableErrorTypes.map((type, at) => <Fragment key={type}>{at > 0 && ', '}<Id text={type} longest={60} /></Fragment>)],
          step.retryState !== null && ['server’s word', <Id key="state" text={step.retryState} />],
        ]}
      />
    </>
  )
}

export function WorkerFacts({ step }: { step: Component }) {
  return (
    <>
      <Pairs
        pairs={[
          step.worker !== null && ['worker', <Id key="worker" text={step.worker} longest={120} />],
          step.taskQueue !== null && ['task queue', <Id key="queue" text={step.taskQueue} longest={120} />],
          step.scheduledAt !== null && ['scheduled', <Moment key="scheduled" iso={step.scheduledAt} />],
          step.startedAt !== null && ['last start', <Moment key="started" iso={step.startedAt} />],
          step.completedAt !== null && ['ended', <Moment key="ended" iso={step.completedAt} />],
          step.timerDurationMs !== null && ['timer set to', formatDuration(step.timerDurationMs)],
          step.timeoutType !== null && ['timeout', <Id key="timeout" text={step.timeoutType} />],
          step.cancelRequested && ['cancel', 'was requested'],
          step.iteration !== null && ['loop pass', step.iteration.join(' · ')],
          ['event', step.eventId],
          ...Object.entries(step.ref).filter(([name]) => !name.startsWith('handler')).map(([name, value]): Pair => [
            words(name),
            <Fragment key={name}><Id text={value} longest={80} /> <CopyButton text={value} label={words(name)} /></Fragment>,
          ]),
          step.childExecutionId !== null && ['sub-workflow', <Link key="child" to="/executions/$executionId" params={{ executionId: step.childExecutionId }}>Open its run</Link>],
        ]}
      />
      {step.heartbeat && <><p className="sub payload-note">Last heartbeat{step.lastHeartbeatAt && <>, <Age iso={step.lastHeartbeatAt} /></>}</p><PayloadList payloads={step.heartbeat} absent="" name="heartbeat" /></>}
      {step.worker === null && step.kind === 'activity' && <p className="sub"><Foreign text="No worker has started this step yet, or the history does not name it." /></p>}
    </>
  )
}

/** `childWorkflowId` → `child workflow id`. */
function words(name: string): string {
  return name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)
}
