import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ExecutionSummary, WorkflowStatistics } from '../../api/types.ts'
import { formatCount } from '../../lib/figure.ts'
import { errorWords, startedWords, tookWords } from '../../lib/history-filter.ts'
import { type RunStatus, statusLook } from '../../lib/status.ts'
import { stepWords } from '../../lib/step-filter.ts'
import type { HistorySearch } from '../../lib/url-state.ts'
import { Icon } from '../../ui/icon.tsx'
import { Foreign, Id } from '../../ui/text.tsx'

/** How many runs of each status there are. */
export type StatusCounts = Pick<WorkflowStatistics, 'completedRuns' | 'failedRuns' | 'runningRuns' | 'timedOutRuns' | 'terminatedRuns' | 'cancelledRuns' | 'continuedAsNewRuns' | 'unknownRuns'>

const COUNTS: readonly (readonly [RunStatus, (figures: StatusCounts) => number])[] = [
  ['completed', (figures) => figures.completedRuns],
  ['failed', (figures) => figures.failedRuns],
  ['running', (figures) => figures.runningRuns],
  ['timed_out', (figures) => figures.timedOutRuns],
  ['terminated', (figures) => figures.terminatedRuns],
  ['cancelled', (figures) => figures.cancelledRuns],
  ['continued_as_new', (figures) => figures.continuedAsNewRuns],
  ['unknown', (figures) => figures.unknownRuns],
]
/** `runningRuns` counts everything open, so its chip filters for all of that. */
const MEANS: Partial<Record<RunStatus, RunStatus[]>> = { running: ['pending', 'running', 'paused'] }

/** `run` is one of those that are shown. Without `counts`, every status can be asked for. */
export function Filters({ search, counts, run }: { search: HistorySearch; counts: StatusCounts | null | undefined; run: ExecutionSummary | undefined }) {
  const chosen = search.status ?? []
  const shown = COUNTS.filter(([status, count]) => counts === null || chosen.includes(status) || (counts && count(counts) > 0))
  const { cursor: _, status: _status, topLevel, ...rest } = search
  return (
    <div className="toolbar" role="group" aria-label="Filter">
      {shown.map(([status, count]) => {
        const means = MEANS[status] ?? [status]
        const on = means.every((one) => chosen.includes(one))
        const next = on ? chosen.filter((one) => !means.includes(one)) : [...chosen.filter((one) => !means.includes(one)), ...means]
        const look = statusLook(status)
        return (
          <Link
            key={status}
            to="."
            search={{ ...rest, ...(topLevel && { topLevel }), ...(next.length > 0 && { status: next }) }}
            className={`chip ${look.tone}`}
            aria-current={on ? 'true' : undefined}
          >
            <Icon name={look.icon} />
            {counts && formatCount(count(counts))} {look.label}
          </Link>
        )
      })}
      {chosen.length > 0 && <Link to="." search={{ ...rest, ...(topLevel && { topLevel }) }} className="sub">Show all</Link>}
      <StartedChip search={search} />
      <TookChip search={search} />
      <ErrorChip search={search} run={run} />
      <QueueChip search={search} />
      <StepChip search={search} />
      <VersionChip search={search} />
      <span className="grow" />
      <Link
        to="."
        search={{ ...rest, ...(chosen.length > 0 && { status: chosen }), ...(!topLevel && { topLevel: true as const }) }}
        className={`button ${topLevel ? 'on' : ''}`}
        title="Leave out runs that other runs started"
      >
        {topLevel && <Icon name="check" />} Without sub-workflows
      </Link>
    </div>
  )
}

function StartedChip({ search }: { search: HistorySearch }) {
  const { from: _from, to: _to, cursor: _, ...rest } = search
  const words = startedWords(search)
  return words && <FilterChip without={rest} undo="Show runs of all time">{words}</FilterChip>
}

function TookChip({ search }: { search: HistorySearch }) {
  const { minDurationMs: _min, maxDurationMs: _max, cursor: _, ...rest } = search
  const words = tookWords(search)
  return words && <FilterChip without={rest} undo="Show runs of any duration">{words}</FilterChip>
}

function ErrorChip({ search, run }: { search: HistorySearch; run: ExecutionSummary | undefined }) {
  const { errorGroup, errors, cursor: _, ...rest } = search
  if (errorGroup === undefined && errors) return <FilterChip without={rest} undo="Show runs that are no errors too">counted as errors</FilterChip>
  if (errorGroup === undefined) return null
  return <FilterChip without={rest} undo="Show runs whatever their error"><Foreign text={errorWords(errorGroup, run)} longest={60} /></FilterChip>
}

function QueueChip({ search }: { search: HistorySearch }) {
  const { taskQueue, cursor: _, ...rest } = search
  return taskQueue !== undefined && <FilterChip without={rest} undo="Show runs of every task queue">task queue <Id text={taskQueue} longest={40} /></FilterChip>
}

function StepChip({ search }: { search: HistorySearch }) {
  const { component, cursor: _, ...rest } = search
  if (component === undefined) return null
  const name = <>{component.nodeId !== undefined && <><Id text={component.nodeId} longest={40} /> · </>}<Id text={component.name} longest={40} /></>
  const words = stepWords(component)
  return <FilterChip without={rest} undo="Show runs whatever their steps">{words === '' ? <>with step {name}</> : <>step {name} {words}</>}</FilterChip>
}

/** The version of the drawing, or of the workers, that the list is of. */
function VersionChip({ search }: { search: HistorySearch }) {
  const { version, buildId, deployment, cursor: _, ...rest } = search
  if (version !== undefined) return <FilterChip without={{ ...rest, ...(buildId !== undefined && { buildId }), ...(deployment !== undefined && { deployment }) }} undo="Show every version">v{version}</FilterChip>
  if (buildId === undefined && deployment === undefined) return null
  return (
    <FilterChip without={rest} undo="Show every version">
      {buildId ? <>version <Id text={buildId} longest={32} /></> : buildId === '' ? 'no version known' : 'every version'}
      {deployment && <> of <Id text={deployment} longest={32} /></>}
    </FilterChip>
  )
}

/** What the list is narrowed to, with the way back. */
function FilterChip({ without, undo, children }: { without: HistorySearch; undo: string; children: ReactNode }) {
  return (
    <Link to="." search={without} className="chip info narrowed" aria-current="true" title={undo}>
      <span>{children}</span>
      <Icon name="close" /><span className="unseen">{undo}</span>
    </Link>
  )
}
