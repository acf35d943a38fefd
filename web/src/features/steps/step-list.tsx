import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef } from 'react'
import { api } from '../../api/client.ts'
import type { Attempt, Component } from '../../api/types.ts'
import { nextAttemptIn } from '../../lib/attempt.ts'
import { retryBadge } from '../../lib/retry.ts'
import { isOpenStep, kindLabel, statusLook } from '../../lib/status.ts'
import type { Span } from '../../lib/timeline.ts'
import { Icon } from '../../ui/icon.tsx'
import { Took, useNow } from '../../ui/moment.tsx'
import { Bone } from '../../ui/states.tsx'
import { Foreign, Id } from '../../ui/text.tsx'
import { useTopOf } from '../../ui/use-top-of.ts'
import { useShortcuts } from '../keyboard.ts'
import { Ticks, TimeLine } from './timeline.tsx'

/** The steps of a run with their time line; only the rows on the screen exist. */
export function StepList(props: { steps: readonly Component[]; total: number; onMissing: () => void; span: Span; selected: number | undefined; executionId: string; isRunPaused: boolean; rowHeight: number }) {
  const { steps, selected, rowHeight } = props
  const body = useRef<HTMLDivElement>(null)
  const top = useTopOf(body)
  const rows = useWindowVirtualizer({
    count: props.total,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (at) => steps[at]?.eventId ?? at,
  })
  useLayoutEffect(() => rows.measure(), [rows, rowHeight])
  useRevealed(selected, steps, (at) => rows.scrollToIndex(at, { align: 'center' }))
  useStepKeys(steps, selected, (at) => rows.scrollToIndex(at, { align: 'auto' }))
  return (
    <div className="panel steps" role="table" aria-label="Steps" aria-rowcount={props.total + 1}>
      <div role="row" className="steps-head" aria-rowindex={1}>
        <span role="columnheader"><span className="unseen">Status</span></span>
        <span role="columnheader">Step</span>
        <span role="columnheader" className="num">Took</span>
        <span role="columnheader">Retries</span>
        <span role="columnheader"><span className="unseen">Time line</span><Ticks span={props.span} /></span>
      </div>
      <div className="steps-body" role="rowgroup" ref={body} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const step = steps[item.index]
          if (!step) return <MissingRow key={item.key} index={item.index} offset={item.start - top} onSeen={props.onMissing} />
          return <StepRow key={item.key} step={step} index={item.index} offset={item.start - top} span={props.span} selected={step.eventId === selected} executionId={props.executionId} isRunPaused={props.isRunPaused} />
        })}
      </div>
    </div>
  )
}

function StepRow(props: { step: Component; index: number; offset: number; span: Span; selected: boolean; executionId: string; isRunPaused: boolean }) {
  const { step, span } = props
  const navigate = useNavigate()
  const look = statusLook(step.status)
  const badge = retryBadge(step)
  const attempts = useSeenAttempts(props.executionId, step.eventId)
  return (
    <div
      role="row"
      aria-rowindex={props.index + 2}
      className={`step ${props.selected ? 'selected' : ''}`}
      style={{ transform: `translateY(${props.offset}px)` }}
      onClick={() => void navigate({ to: '.', search: (search) => ({ ...search, step: step.eventId }), replace: true, resetScroll: false })}
    >
      <span role="cell"><span className={`step-dot ${look.tone}`} title={look.label}><Icon name={look.icon} /><span className="unseen">{look.label}</span></span></span>
      <span role="cell" className="cell-name">
        <Link
          className="step-name clip"
          to="."
          search={(search) => ({ ...search, step: step.eventId })}
          replace
          resetScroll={false}
          preload={false}
          data-event={step.eventId}
          aria-current={props.selected ? 'true' : undefined}
          onClick={(event) => event.stopPropagation()}
        >
          <Foreign text={step.displayName} longest={120} />
          {step.occurrence > 1 && <span className="sub"> #{step.occurrence}</span>}
        </Link>
        <span className="sub clip">
          {step.nodeId !== step.displayName && <><Id text={step.nodeId} longest={60} /> · </>}
          {kindLabel(step.kind)}
          {step.ref.childWorkflowId && <> · <Id text={step.ref.childWorkflowId} longest={60} /></>}
          {step.copied && ' · before the reset'}
          {step.status === 'retrying' && !props.isRunPaused && <NextAttempt step={step} />}
          {step.status === 'paused' && <> · paused{step.pause?.by && <> by <Foreign text={step.pause.by} longest={60} /></>}</>}
          {isOpenStep(step.status) && step.heartbeat?.[0]?.text && <> · heartbeat <Foreign text={step.heartbeat[0].text} longest={60} /></>}
        </span>
      </span>
      <span role="cell" className="cell-took num"><Took ms={step.durationMs} since={isOpenStep(step.status) ? step.scheduledAt : null} /></span>
      <span role="cell" className="cell-retries">{badge && <span className={`pill ${badge.tone}`}><Icon name={badge.text === 'unexpected' ? 'cross' : 'retry'} />{badge.text}</span>}</span>
      <span role="cell" className="cell-line"><TimeLine step={step} startMs={span.startMs} endMs={span.endMs} attempts={attempts} /></span>
    </div>
  )
}

function NextAttempt({ step }: { step: Component }) {
  const now = useNow(1000)
  const text = nextAttemptIn(step, now)
  return text === null ? null : <> · <span className="nowrap">{text}</span></>
}

/** A row whose step has not been asked for yet; being drawn is what asks for it. */
function MissingRow({ index, offset, onSeen }: { index: number; offset: number; onSeen: () => void }) {
  useEffect(onSeen, [onSeen])
  return (
    <div role="row" aria-rowindex={index + 2} className="step" style={{ transform: `translateY(${offset}px)` }}>
      <span role="cell"><Bone width={22} height={22} /></span>
      <span role="cell" className="cell-name"><span className="unseen">Loading</span><Bone width="60%" /></span>
    </div>
  )
}

/** The attempts of a step that the inspector has asked for; a row itself asks for nothing. */
function useSeenAttempts(executionId: string, eventId: number): readonly Attempt[] | undefined {
  const options = api.execution.getComponentExecution.queryOptions({ executionId, eventId }, { placeholderData: undefined })
  return useQuery({ ...options, enabled: false }).data?.attempts
}

/** Scrolls to the step of the address once it is known where it is, and not again while somebody scrolls. */
function useRevealed(selected: number | undefined, steps: readonly Component[], reveal: (at: number) => void): void {
  const shown = useRef<number | undefined>(undefined)
  useLayoutEffect(() => {
    if (selected === undefined || shown.current === selected) {
      shown.current = selected
      return
    }
    const at = steps.findIndex((step) => step.eventId === selected)
    if (at < 0) return
    shown.current = selected
    if (!isOnScreen(selected)) reveal(at)
  }, [selected, steps, reveal])
}

function isOnScreen(eventId: number): boolean {
  const box = document.querySelector(`[data-event="${eventId}"]`)?.getBoundingClientRect()
  return box !== undefined && box.top >= 0 && box.bottom <= window.innerHeight
}

function useStepKeys(steps: readonly Component[], selected: number | undefined, reveal: (at: number) => void): void {
  const navigate = useNavigate()
  const move = (by: 1 | -1): void => {
    const at = steps.findIndex((step) => step.eventId === selected)
    const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), steps.length - 1)
    const step = steps[next]
    if (!step) return
    reveal(next)
    void navigate({ to: '.', search: (search) => ({ ...search, step: step.eventId }), replace: true, resetScroll: false })
  }
  useShortcuts({ j: () => move(1), k: () => move(-1) })
}
