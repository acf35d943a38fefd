import { useQuery } from '@tanstack/react-query'
import { Link, useLocation, useParams, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '../api/client.ts'
import type { ExecutionPage, ExecutionSummary, WorkflowStatistics } from '../api/types.ts'
import { RunList, RunListBones } from '../features/run-list.tsx'
import { WorkflowFrame } from '../features/workflow-frame.tsx'
import { formatCount } from '../lib/figure.ts'
import { erasedSentence } from '../lib/erased.ts'
import { errorWords, isFiltered, startedWords, tookWords } from '../lib/history-filter.ts'
import { formatDay } from '../lib/retention.ts'
import { stepWords } from '../lib/step-filter.ts'
import { type RunStatus, statusLook } from '../lib/status.ts'
import type { HistorySearch } from '../lib/url-state.ts'
import { Icon } from '../ui/icon.tsx'
import { Age } from '../ui/moment.tsx'
import { Empty, Problem } from '../ui/states.tsx'
import { Foreign, Id } from '../ui/text.tsx'

const PAGE = 50
const FROM = '/workflows/$workflowId'

export function WorkflowPage() {
  const { workflowId } = useParams({ from: FROM })
  return (
    <WorkflowFrame workflowId={workflowId} tab="Execution history">
      <JustErased />
      <History workflowId={workflowId} />
    </WorkflowFrame>
  )
}

/** Said to whoever comes from erasing a run. */
function JustErased() {
  const erased = useLocation({ select: ({ state }) => state.erased })
  if (!erased) return null
  return <div className="notices"><div className="notice info" role="status"><Icon name="check" /><span>{erasedSentence(erased)}</span></div></div>
}

function History({ workflowId }: { workflowId: string }) {
  const search = useSearch({ from: FROM })
  const page = useQuery(api.execution.getExecutionHistory.queryOptions({ workflowId, limit: PAGE, ...search }, { refetchInterval: 3000 }))
  if (page.error && !page.data) return <Problem error={page.error} what="the runs of this workflow" retry={() => void page.refetch()} />
  return (
    <>
      <Filters workflowId={workflowId} search={search} run={page.data?.items[0]} />
      {page.data ? <Runs page={page.data} search={search} /> : <RunListBones rows={10} />}
    </>
  )
}

function Runs({ page, search }: { page: ExecutionPage; search: HistorySearch }) {
  if (page.items.length > 0) {
    return (
      <>
        <RunList runs={page.items} label="Runs" head={{ started: <SortBy field="startedAt" label="Started" search={search} />, took: <SortBy field="durationMs" label="Took" search={search} /> }} />
        <Removed before={page.runsRemovedBefore} />
        <Pager page={page} byTime={search.sort === undefined && search.order === undefined} />
      </>
    )
  }
  if (isFiltered(search)) {
    return (
      <Empty title="No run matches">
        <Removed before={page.runsRemovedBefore} />
        <p>
          <Link to="." search={{}}>Show all runs</Link>
        </p>
      </Empty>
    )
  }
  if (page.runsRemovedBefore !== null) return <Empty title="No run is kept any more"><Removed before={page.runsRemovedBefore} /></Empty>
  return (
    <Empty title="No runs yet">
      <p>Start one from your code, and it appears here by itself:</p>
      <code>temporal workflow start --type YourWorkflow --task-queue your-queue</code>
    </Empty>
  )
}

/** Why older runs are not in the list. */
function Removed({ before }: { before: string | null }) {
  if (before === null) return null
  return <p className="sub removed-runs">Runs that started before {formatDay(before)} (UTC) and ended long ago are no longer kept; the figures still count them.</p>
}

/** A column head that sorts: newest or longest first, then the other way round. */
function SortBy({ field, label, search }: { field: 'startedAt' | 'durationMs'; label: string; search: HistorySearch }) {
  const active = (search.sort ?? 'startedAt') === field
  const order = search.order ?? 'desc'
  const next = active && order === 'desc' ? 'asc' : 'desc'
  const { cursor: _, sort: _sort, order: _order, ...rest } = search
  return (
    <Link
      to="."
      search={{ ...rest, ...(field !== 'startedAt' && { sort: field }), ...(next === 'asc' && { order: next }) }}
      aria-current={active ? 'true' : undefined}
      title={`Sort by ${label.toLowerCase()}`}
    >
      {label}
      {active && (order === 'desc' ? ' ↓' : ' ↑')}
      {active && <span className="unseen">{order === 'desc' ? ', highest first' : ', lowest first'}</span>}
    </Link>
  )
}

const COUNTS: readonly (readonly [RunStatus, (figures: WorkflowStatistics) => number])[] = [
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

/** `run` is one of those that are shown. */
function Filters({ workflowId, search, run }: { workflowId: string; search: HistorySearch; run: ExecutionSummary | undefined }) {
  const { from, to } = search
  const figures = useQuery(api.execution.getWorkflowStatistics.queryOptions({ workflowId, ...(from && { from }), ...(to && { to }) }, { refetchInterval: 3000 }))
  const chosen = search.status ?? []
  const shown = COUNTS.filter(([status, count]) => chosen.includes(status) || (figures.data && count(figures.data) > 0))
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
            {figures.data && formatCount(count(figures.data))} {look.label}
          </Link>
        )
      })}
      {chosen.length > 0 && <Link to="." search={{ ...rest, ...(topLevel && { topLevel }) }} className="sub">Show all</Link>}
      <StartedChip search={search} />
      <TookChip search={search} />
      <ErrorChip search={search} run={run} />
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

function Pager({ page, byTime }: { page: ExecutionPage; byTime: boolean }) {
  const last = page.position + page.items.length - 1
  const total = `${formatCount(page.total)}${page.totalIsExact ? '' : '+'}`
  return (
    <nav className="pager" aria-label="Pages">
      <span className="sub">{formatCount(page.position)}–{formatCount(last)} of {total} · as of <Age iso={page.asOf} /></span>
      <span className="grow" />
      <Step cursor={page.prevCursor} label={byTime ? 'Newer' : 'Previous'} icon="left" />
      <Step cursor={page.nextCursor} label={byTime ? 'Older' : 'Next'} icon="right" />
    </nav>
  )
}

function Step({ cursor, label, icon }: { cursor: string | null; label: string; icon: 'left' | 'right' }) {
  const text = icon === 'left' ? <><Icon name={icon} /> {label}</> : <>{label} <Icon name={icon} /></>
  if (cursor === null) return <button type="button" className="button" disabled>{text}</button>
  return <Link to="." search={(search) => ({ ...search, cursor })} className="button">{text}</Link>
}
