import { useMediaQuery } from '@mantine/hooks'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Fragment, lazy, Suspense, useEffect, useMemo } from 'react'
import { useShortcuts } from '../features/keyboard.ts'
import { Inspector } from '../features/inspector/inspector.tsx'
import { FailureBox } from '../features/inspector/failure-box.tsx'
import { PayloadList } from '../features/payload/payload-list.tsx'
import { RunFrame } from '../features/run/run-frame.tsx'
import type { Run } from '../features/run/use-run.ts'
import { ChoiceMenu } from '../features/steps/choice-menu.tsx'
import { countBy, filterSteps } from '../features/steps/filter.ts'
import { StepList } from '../features/steps/step-list.tsx'
import { Legend } from '../features/steps/timeline.tsx'
import { counted, formatBytes, formatCount } from '../lib/figure.ts'
import { timeZone } from '../lib/moment.ts'
import { memberOf } from '../lib/json-member.ts'
import { isOpen, kindLabel, statusLook } from '../lib/status.ts'
import { spanOf } from '../lib/timeline.ts'
import type { ExecutionSearch } from '../lib/url-state.ts'
import { Icon } from '../ui/icon.tsx'
import { useNow } from '../ui/moment.tsx'
import { Bone, Empty } from '../ui/states.tsx'
import { Foreign, Id } from '../ui/text.tsx'

const Sheet = lazy(() => import('../features/inspector/sheet.tsx').then((module) => ({ default: module.Sheet })))
const FROM = '/executions/$executionId'

export function StepsPage() {
  const { executionId } = useParams({ from: FROM })
  return (
    <RunFrame executionId={executionId} tab="Steps">
      {(run) => (run ? <Workbench run={run} /> : <StepBones />)}
    </RunFrame>
  )
}

function Workbench({ run }: { run: Run }) {
  const search = useSearch({ from: FROM })
  const navigate = useNavigate({ from: FROM })
  const isNarrow = useMediaQuery('(max-width: 1180px)', undefined, { getInitialValueInEffect: false })
  const isPhone = useMediaQuery('(max-width: 900px)', undefined, { getInitialValueInEffect: false })
  const selected = run.steps.find((step) => step.eventId === search.step)
  const close = (): void => void navigate({ search: ({ step: _, ...rest }) => rest, replace: true, resetScroll: false })
  useShortcuts({ Escape: close })
  const shown = useMemo(() => filterSteps(run.steps, search), [run.steps, search])
  const span = useSpan(run)
  const isFiltered = Boolean(search.status ?? search.kind ?? search.find)
  const { failedStep } = run.execution
  const isMissing = (eventId: number | undefined): boolean => eventId !== undefined && !run.steps.some((step) => step.eventId === eventId)
  const needsRest = !run.hasAllSteps && (isFiltered || isMissing(search.step) || isMissing(failedStep?.eventId))
  useEffect(() => {
    if (needsRest) run.loadRest()
  }, [needsRest, run.loadRest])
  const total = run.hasAllSteps || isFiltered ? shown.length : Math.max(run.execution.componentCount, shown.length)
  const inspector = selected && <Inspector step={selected} executionId={run.execution.id} isRunPaused={run.execution.status === 'paused'} onClose={close} />
  if (run.steps.length === 0) return <NoSteps run={run} />
  return (
    <div className={`workbench ${inspector && !isNarrow ? 'with-inspector' : ''}`}>
      <div>
        <Toolbar run={run} search={search} />
        {shown.length > 0 ? (
          <StepList steps={shown} total={total} onMissing={run.loadRest} span={span} selected={selected?.eventId} executionId={run.execution.id} isRunPaused={run.execution.status === 'paused'} rowHeight={isPhone ? 72 : 52} />
        ) : (
          <Empty title="No step matches">
            <button type="button" className="plain" onClick={() => void navigate({ search: {}, replace: true })}>Show all steps</button>
          </Empty>
        )}
        <p className="sub payload-note">
          {isFiltered && `${formatCount(shown.length)} of `}
          {counted(run.execution.componentCount, 'step')}
          {' '}· times in {timeZone} · {counted(run.execution.historyLength, 'event')}
        </p>
      </div>
      {inspector && (isNarrow ? <Suspense><Sheet onClose={close}>{inspector}</Sheet></Suspense> : <aside className="panel inspector" aria-label="Step" tabIndex={0}>{inspector}</aside>)}
    </div>
  )
}

/** The time line of an open run grows with the clock, by whole seconds so that rows are not drawn for nothing. */
function useSpan(run: Run): { startMs: number; endMs: number } {
  const { startedAt, closedAt, status } = run.execution
  const now = useNow(isOpen(status) ? 2000 : 60_000)
  const startMs = startedAt ? Date.parse(startedAt) : now
  const endMs = closedAt ? Date.parse(closedAt) : now
  return useMemo(() => spanOf({ startMs, endMs }, run.steps), [startMs, endMs, run.steps])
}

function Toolbar({ run, search }: { run: Run; search: ExecutionSearch }) {
  const navigate = useNavigate({ from: FROM })
  const change = (next: Partial<ExecutionSearch>): void => void navigate({ search: (old) => clean({ ...old, ...next }), replace: true, resetScroll: false })
  const statuses = useMemo(() => countBy(run.steps, (step) => step.status), [run.steps])
  const kinds = useMemo(() => countBy(run.steps, (step) => step.kind), [run.steps])
  return (
    <div className="toolbar">
      <ChoiceMenu label="Status" choices={statuses.map(([value, count]) => ({ value, count, label: statusLook(value).label }))} chosen={search.status ?? []} onOpen={run.loadRest} onChange={(status) => change({ status })} />
      <ChoiceMenu label="Kind" choices={kinds.map(([value, count]) => ({ value, count, label: kindLabel(value) }))} chosen={search.kind ?? []} onOpen={run.loadRest} onChange={(kind) => change({ kind })} />
      <label className="field">
        <Icon name="search" />
        <input data-search type="search" placeholder="Find a step" aria-label="Find a step" value={search.find ?? ''} onChange={(event) => change({ find: event.target.value })} />
      </label>
      <Legend />
    </div>
  )
}

function clean(search: ExecutionSearch): ExecutionSearch {
  const { step, status, kind, find } = search
  return { ...(step && { step }), ...(status?.length && { status }), ...(kind?.length && { kind }), ...(find && { find }) }
}

function NoSteps({ run }: { run: Run }) {
  const { execution } = run
  if (run.sync.state === 'on_request' && execution.detailState === 'none') return <Empty title="No steps copied"><p>Press “Copy this run” to have them copied from Temporal.</p></Empty>
  if (execution.detailState === 'none') return <Empty title="No steps copied yet"><p>They are being copied from Temporal; this page follows by itself.</p></Empty>
  return (
    <Empty title={isOpen(execution.status) ? 'No steps yet' : 'This run had no steps'}>
      <p>{isOpen(execution.status) ? 'Steps appear here as the workflow calls activities, starts timers or receives signals.' : 'The workflow called no activity, started no timer and received no signal.'}</p>
    </Empty>
  )
}

function StepBones() {
  return (
    <div className="panel steps" aria-hidden="true">
      {Array.from({ length: 8 }, (_, at) => (
        <div key={at} className="bone-step"><Bone width={22} height={22} /><Bone width="28%" /><Bone width={60} /><Bone width="36%" /></div>
      ))}
    </div>
  )
}

export function ValuesPage() {
  const { executionId } = useParams({ from: '/executions/$executionId/values' })
  return (
    <RunFrame executionId={executionId} tab="Input and result">
      {(run) => run && <Values run={run} />}
    </RunFrame>
  )
}

function Values({ run }: { run: Run }) {
  const { execution } = run
  const memo = Object.entries(execution.memo)
  const attributes = Object.entries(execution.searchAttributes)
  return (
    <div className="stack">
      <div className="two">
        <section className="panel card">
          <h2>Input</h2>
          <Input execution={execution} />
        </section>
        <section className="panel card">
          <h2>Result</h2>
          {execution.failure ? <FailureBox failure={execution.failure} /> : <PayloadList payloads={execution.result} absent={absentResult(run)} name="result" />}
        </section>
      </div>
      {memo.length > 0 && <section className="panel card"><h2>Memo</h2>{memo.map(([key, payload]) => <PayloadList key={key} payloads={[payload]} absent="" name={key} />)}</section>}
      {attributes.length > 0 && <section className="panel card"><h2>Search attributes</h2><SearchAttributes attributes={execution.searchAttributes} /></section>}
      <p className="sub">
        {counted(execution.historyLength, 'event')}{execution.historyBytes > 0 && `, ${formatBytes(execution.historyBytes)} of history`}{execution.buildId && <> · build <Id text={execution.buildId} longest={48} />{execution.deployment && <> of <Id text={execution.deployment} longest={48} /></>}{execution.versioning && (execution.versioning === 'pinned' ? ', stays with it' : ', moves to newer ones')}</>} · workflow attempt {execution.attempt}
      </p>
    </div>
  )
}

/** Of a built run what it was started with; beside it stands only which version of which workflow it is. */
function Input({ execution }: { execution: Run['execution'] }) {
  const all = <PayloadList payloads={execution.input} absent="This run was started without input." name="input" />
  const envelope = execution.version === null ? undefined : execution.input?.[0]
  const text = envelope?.text && !envelope.truncated ? memberOf(envelope.text, 'input') : null
  if (!envelope || text === null) return all
  return (
    <>
      <PayloadList payloads={[{ ...envelope, text, bytes: new TextEncoder().encode(text).length }]} absent="" name="input" />
      <details className="sub">
        <summary>As Temporal holds it</summary>
        {all}
      </details>
    </>
  )
}

function SearchAttributes({ attributes }: { attributes: Run['execution']['searchAttributes'] }) {
  return (
    <dl className="pairs">
      {Object.entries(attributes).map(([name, { type, text, hidden }]) => (
        <Fragment key={name}>
          <dt><Foreign text={name} longest={60} />{type && <span className="sub"> · {type}</span>}</dt>
          <dd>{text === null ? <span className="sub">{hidden ? 'hidden: you may not see the values of this project' : 'not set, or not readable'}</span> : <Id text={text} longest={600} />}</dd>
        </Fragment>
      ))}
    </dl>
  )
}

function absentResult({ execution }: Run): string {
  if (isOpen(execution.status)) return 'No result yet: the run has not ended.'
  return execution.status === 'completed' ? 'This run returned nothing.' : 'No result: the run did not complete.'
}
