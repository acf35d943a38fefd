import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import type { Component, ComponentDetails } from '../../api/types.ts'
import { differenceSentence } from '../../lib/retry.ts'
import { isOpenStep, kindLabel } from '../../lib/status.ts'
import { Icon } from '../../ui/icon.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Problem } from '../../ui/states.tsx'
import { StepPill } from '../../ui/status-pill.tsx'
import { Foreign, Id } from '../../ui/text.tsx'
import { InnerTabs } from '../../ui/tabs.tsx'
import { DecodedStep } from '../decode/scope.tsx'
import { PayloadList } from '../payload/payload-list.tsx'
import { AttemptNow, Attempts } from './attempts.tsx'
import { FailureBox } from './failure-box.tsx'
import { PolicyFacts, WorkerFacts } from './facts.tsx'
import { Clocks, Verdict } from './verdict.tsx'

const TABS = ['Input', 'Output', 'Policy', 'Worker'] as const
type Tab = (typeof TABS)[number]

/** Payloads up to this size come by themselves; more waits for a click. */
const LOADS_BY_ITSELF = 200_000

/** Everything about one step. What the list already knows stands at once; failure tree and attempts follow. */
export function Inspector(props: { step: Component; executionId: string; isRunPaused: boolean; onClose: () => void }) {
  const { step } = props
  const isSmall = step.inputBytes + step.outputBytes <= LOADS_BY_ITSELF
  const [wanted, setWanted] = useState<number | null>(null)
  const needsWhole = step.retryCount !== 0 || step.errorType !== null || step.inputTruncated || step.outputTruncated || isOpenStep(step.status)
  const whole = useQuery({
    ...api.execution.getComponentExecution.queryOptions(
      { executionId: props.executionId, eventId: step.eventId },
      { refetchInterval: isOpenStep(step.status) && isSmall ? 2000 : false, placeholderData: undefined },
    ),
    enabled: needsWhole && (isSmall || step.errorType !== null || wanted === step.eventId),
  })
  const held = whole.data?.eventId === step.eventId ? whole.data : null
  const load = { load: () => setWanted(step.eventId), isLoading: whole.isFetching && !held }
  return (
    <DecodedStep executionId={props.executionId} step={step} details={held} isWanted={isSmall || wanted === step.eventId}>
      {(details) => (
        <>
          <div className="inspector-head">
            <StepPill status={step.status} />
            <h2><Foreign text={step.displayName} longest={200} /></h2>
            <button type="button" className="bare" aria-label="Close the step" title="Close (esc)" onClick={props.onClose}><Icon name="close" /></button>
          </div>
          <p className="where">
            <Id text={step.nodeId} longest={80} /> · {kindLabel(step.kind)}
            {step.componentName !== step.nodeId && <> <Id text={step.componentName} longest={80} /></>}
            {step.childExecutionId && <> · <Link to="/executions/$executionId" params={{ executionId: step.childExecutionId }}>open its run</Link></>}
            {step.handledBy && <RanAs run={step.handledBy} />}
          </p>
          <Failures step={step} details={details} />
          <Verdict step={step} />
          {step.policyDiffers && step.retryPolicy && step.chosenPolicy && (
            <p className="notice warn policy-differs" role="note"><Icon name="alert" /><span>{differenceSentence(step.chosenPolicy, step.retryPolicy)}</span></p>
          )}
          {whole.error && !details && <Problem error={whole.error} what="the whole step" retry={() => void whole.refetch()} />}
          {step.pause && <PausedBy pause={step.pause} />}
          {isOpenStep(step.status) && step.kind === 'activity' && <AttemptNow step={details ?? step} isRunPaused={props.isRunPaused} />}
          {details && details.attempts.length > 1 && <section><Attempts step={details} /></section>}
          <section><Clocks step={details ?? step} /></section>
          <Values step={details ?? step} whole={load} />
        </>
      )}
    </DecodedStep>
  )
}

/** The run, mostly of another namespace, that a Nexus operation was given to. */
function RanAs({ run }: { run: NonNullable<Component['handledBy']> }) {
  const name = <Id text={run.temporalWorkflowId} longest={60} />
  return (
    <>
      {' '}· ran as {run.executionId ? <Link to="/executions/$executionId" params={{ executionId: run.executionId }}>{name}</Link> : <span title="No connection of yours has copied it">{name}</span>}
      {' '}in namespace <Id text={run.namespace} longest={60} />
    </>
  )
}

function PausedBy({ pause }: { pause: NonNullable<Component['pause']> }) {
  return (
    <section>
      <b>Paused</b>
      {pause.by && <> by <Foreign text={pause.by} longest={120} /></>}
      {pause.rule && <>, as rule <Id text={pause.rule} longest={60} /> says,</>}
      {pause.at && <> since <Moment iso={pause.at} /></>}
      {pause.reason ? <>: <Foreign text={pause.reason} longest={600} /></> : '.'}
    </section>
  )
}

function Failures({ step, details }: { step: Component; details: ComponentDetails | null }) {
  if (details?.failure) return <FailureBox failure={details.failure} />
  if (details?.previousFailure) return <FailureBox failure={details.previousFailure} title="The attempt before this one failed" />
  if (!step.errorType && !step.errorMessage) return null
  return (
    <div className="failure">
      <div className="failure-type"><Foreign text={step.errorType ?? 'Error'} /></div>
      <div className="failure-message"><Foreign text={step.errorMessage ?? ''} /></div>
    </div>
  )
}

function Values({ step, whole }: { step: Component; whole: { load: () => void; isLoading: boolean } }) {
  const [tab, setTab] = useState<Tab>('Input')
  return (
    <InnerTabs names={TABS} chosen={tab} onChoose={setTab} label="About the step">
      {tab === 'Input' && <PayloadList payloads={step.input} absent={absentInput(step)} name="input" bytes={step.inputBytes} whole={whole} />}
      {tab === 'Output' && <PayloadList payloads={step.output} absent={absentOutput(step)} name="output" bytes={step.outputBytes} whole={whole} />}
      {tab === 'Policy' && <PolicyFacts step={step} />}
      {tab === 'Worker' && <WorkerFacts step={step} />}
    </InnerTabs>
  )
}

function absentInput(step: Component): string {
  return step.kind === 'timer' ? 'A timer has no input.' : 'This step was called without input.'
}

function absentOutput(step: Component): string {
  if (isOpenStep(step.status)) return 'No output yet: this step has not ended.'
  if (step.status !== 'completed') return 'No output: this step did not complete.'
  return step.kind === 'timer' || step.kind === 'signal' ? 'This kind of step has no output.' : 'This step returned nothing.'
}
