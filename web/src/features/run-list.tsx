import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ExecutionSummary } from '../api/types.ts'
import { counted, formatCount } from '../lib/figure.ts'
import { runRetries } from '../lib/retry.ts'
import { isOpen, statusLook } from '../lib/status.ts'
import { Moment, Took } from '../ui/moment.tsx'
import { RunPill } from '../ui/status-pill.tsx'
import { Bone } from '../ui/states.tsx'
import { Foreign, Id } from '../ui/text.tsx'

type HeadCell = { key: string; label: ReactNode; numeric?: boolean }

const HEAD: HeadCell[] = [
  { key: 'status', label: 'Status' },
  { key: 'run', label: 'Run' },
  { key: 'started', label: 'Started' },
  { key: 'took', label: 'Took', numeric: true },
  { key: 'steps', label: 'Steps' },
  { key: 'retries', label: 'Retries' },
  { key: 'why', label: 'Where it is, or why it ended' },
]

/** Takes the place of the steps where runs are of several workflows. */
const WORKFLOW: HeadCell = { key: 'workflow', label: 'Workflow' }

/** Runs, one a row. `head` replaces the words of columns that sort; `named` tells of which workflow each is. */
export function RunList(props: { runs: readonly ExecutionSummary[]; label: string; head?: Record<string, ReactNode>; short?: boolean; named?: boolean }) {
  const { short = false, named = false } = props
  const head = HEAD.flatMap((cell) => {
    if (named && cell.key === 'run') return [cell, WORKFLOW]
    return (short && (cell.key === 'steps' || cell.key === 'retries')) || (named && cell.key === 'steps') ? [] : [cell]
  })
  return (
    <div className={`panel list runs ${short ? 'short' : ''} ${named ? 'named' : ''}`} role="table" aria-label={props.label}>
      <div role="row" className="list-row list-head">
        {head.map((cell) => (
          <div key={cell.key} role="columnheader" className={cell.numeric ? 'num' : ''}>
            {props.head?.[cell.key] ?? cell.label}
          </div>
        ))}
      </div>
      {props.runs.map((run) => (
        <RunRow key={run.id} run={run} short={short} named={named} />
      ))}
    </div>
  )
}

function RunRow({ run, short, named }: { run: ExecutionSummary; short: boolean; named: boolean }) {
  return (
    <div role="row" className="list-row">
      <div role="cell" className="cell-status">
        <RunPill run={run} />
      </div>
      <div role="cell" className="cell-run clip">
        <Link to="/executions/$executionId" params={{ executionId: run.id }} data-row>
          <Id text={run.temporalWorkflowId} longest={64} />
        </Link>
      </div>
      {named && (
        <div role="cell" className="cell-workflow clip">
          <Link to="/workflows/$workflowId" params={{ workflowId: run.workflowId }} className="figure above"><Foreign text={run.workflowName} longest={60} /></Link>
        </div>
      )}
      <div role="cell" className="cell-started sub">{run.startedAt && <Moment iso={run.startedAt} />}</div>
      <div role="cell" className="cell-took num">
        <Took ms={run.durationMs} since={isOpen(run.status) ? run.startedAt : null} />
      </div>
      {!short && (
        <>
          {!named && <div role="cell" className="cell-steps">{run.componentCount > 0 && <Squares run={run} />}</div>}
          <div role="cell" className={`cell-retries nowrap ${run.unexpectedRetryCount > 0 ? 'bad-text' : ''}`}>{runRetries(run) || null}</div>
        </>
      )}
      <div role="cell" className={`cell-why sub clip ${run.errorType || run.problem ? 'bad-text' : ''}`}>{whyOf(run)}</div>
    </div>
  )
}

/** A square a step, in event order; what is not drawn is counted beside them. */
function Squares({ run }: { run: ExecutionSummary }) {
  const drawn = run.stepStatuses.slice(0, 12)
  const rest = run.componentCount - drawn.length
  const failed = run.failedComponentCount > 0 ? `, ${formatCount(run.failedComponentCount)} failed` : ''
  return (
    <span className={`squares ${drawn.length <= 8 ? 'few' : ''}`} role="img" aria-label={`${counted(run.componentCount, 'step')}${failed}`} title={`${counted(run.componentCount, 'step')}${failed}`}>
      {drawn.map((status, at) => (
        <i key={at} className={`square ${statusLook(status).tone}`} />
      ))}
      {rest > 0 && <span className="sub nowrap"> +{formatCount(rest)}</span>}
    </span>
  )
}

function whyOf(run: ExecutionSummary): ReactNode {
  if (run.problem) return <Foreign text={run.problemDetail ?? run.problem.replaceAll('_', ' ')} />
  const attempt = run.currentStep?.attempt
  const again = isOpen(run.status) && attempt && attempt > 1 ? `, attempt ${attempt}` : ''
  const step = run.currentOrFailedStep
  const error = run.errorType ?? run.errorMessage
  if (!step && !error) return null
  return (
    <span title={run.errorMessage ?? undefined}>
      {step && <Foreign text={step} longest={60} />}
      {again}
      {step && isOpen(run.status) && run.currentStep?.isPaused && ', paused'}
      {step && error && ' · '}
      {error && <Foreign text={error} longest={120} />}
    </span>
  )
}

export function RunListBones({ rows, named = false }: { rows: number; named?: boolean }) {
  return (
    <div className={`panel list runs ${named ? 'named' : ''}`} aria-hidden="true">
      <div className="list-row list-head" />
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} className="list-row">
          <Bone width={96} height={22} />
          <Bone width="80%" />
          <Bone width={110} />
          <Bone width={60} />
          <Bone width={140} />
          <Bone width={60} />
          <Bone width="60%" />
        </div>
      ))}
    </div>
  )
}
