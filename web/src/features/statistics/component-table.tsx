import { type ReactNode, useState } from 'react'
import type { ComponentLine, ComponentLines } from '../../api/types.ts'
import { coverageOf } from '../../lib/backfill.ts'
import { runsBehind } from '../../lib/behind.ts'
import { fileName, toCsv } from '../../lib/csv.ts'
import { formatDuration } from '../../lib/duration.ts'
import { counted, formatCount, formatRate, formatShare } from '../../lib/figure.ts'
import type { StepFilter } from '../../lib/step-filter.ts'
import { CLOCK_WORDS, CLOCKS, type ClockName, type SortName } from '../../lib/statistics-search.ts'
import { kindLabel } from '../../lib/status.ts'
import { Icon } from '../../ui/icon.tsx'
import { Foreign, Id } from '../../ui/text.tsx'
import { saveFile } from '../save-file.ts'
import { How } from './how.tsx'
import { RunsLink } from './runs-link.tsx'
import { type Scope, useChange } from './use-statistics.ts'

/** As many as fit without scrolling far; the rest comes on request. */
const FIRST = 20
type Figures = Omit<ComponentLine, 'kind' | 'name' | 'displayName' | 'nodeId'>

const HEADS: readonly { sort: SortName; label: string; metric: string; about?: string }[] = [
  { sort: 'count', label: 'Steps', metric: 'count' },
  { sort: 'failed', label: 'Failed', metric: 'failureRate' },
  { sort: 'expected', label: 'Retries expected', metric: 'retriesExpected' },
  { sort: 'unexpected', label: 'unexpected', metric: 'retriesUnexpected', about: 'Retries, unexpected' },
  { sort: 'p50', label: 'p50', metric: 'p50' },
  { sort: 'p95', label: 'p95', metric: 'p95' },
  { sort: 'share', label: 'Share of time', metric: 'shareOfTime' },
]

function valueOf(line: Figures, sort: SortName, clock: ClockName): number {
  switch (sort) {
    case 'failed': return line.failureRate ?? -1
    case 'expected': return line.retriesExpected
    case 'unexpected': return line.retriesUnexpected
    case 'p50': return line.clocks[clock].p50Ms ?? -1
    case 'p95': return line.clocks[clock].p95Ms ?? -1
    case 'share': return line.shareOfTime ?? -1
    default: return line.count
  }
}

/** Every component of a workflow with its retries, one of its clocks, and its share of the time. */
export function ComponentTable({ lines, scope, name, workflowId, hasNodes }: { lines: ComponentLines; scope: Scope; name: string; workflowId: string; hasNodes: boolean }) {
  const change = useChange()
  const [all, setAll] = useState(false)
  const { search } = scope
  const clock = search.clock ?? 'execution'
  const sort = search.sort ?? 'count'
  const sorted = [...lines.items].sort((a, b) => valueOf(b, sort, clock) - valueOf(a, sort, clock))
  const shown = all ? sorted : sorted.slice(0, FIRST)
  return (
    <section className="panel list">
      <div className="panel-title">
        <h2 id="components-title">Components</h2>
        <span className="sub">{coverageOf(lines.coverage)}{lines.percentileError > 0 && ` Percentiles ± ${formatRate(lines.percentileError)}.`}</span>
        <span className="grow" />
        {hasNodes && (
          <button type="button" className={`button ${search.byNode ? 'on' : ''}`} aria-pressed={search.byNode === true} onClick={() => change({ byNode: search.byNode ? undefined : true })}>
            {search.byNode && <Icon name="check" />} By node
          </button>
        )}
        <label className="button select"><span>Clock:</span>
          <select value={clock} onChange={(event) => change({ clock: event.target.value === 'execution' ? undefined : event.target.value })}>
            {CLOCKS.map((one) => <option key={one} value={one}>{CLOCK_WORDS[one]}</option>)}
          </select>
        </label>
        <button type="button" className="bare" aria-label="Download “Components” as CSV" title="Download as CSV" onClick={() => saveFile({ fileName: fileName(name, 'components'), text: csvOf(lines), type: 'text/csv;charset=utf-8' })}><Icon name="download" /></button>
      </div>
      {lines.items.length === 0 ? <p className="panel-note sub">No step of these runs was copied, or they had none.</p> : (
        <div className="component-lines" role="table" aria-labelledby="components-title">
          <div role="row" className="list-row list-head">
            <div role="columnheader">Component</div>
            {HEADS.map((head) => (
              <div key={head.sort} role="columnheader" className={head.sort === 'share' ? '' : 'num'} aria-sort={sort === head.sort ? 'descending' : undefined}>
                <button type="button" className={`plain head ${sort === head.sort ? 'on' : ''}`} title={`Sort by ${head.label.toLowerCase()}`} onClick={() => change({ sort: head.sort === 'count' ? undefined : head.sort })}>
                  {head.label}{sort === head.sort && ' ↓'}
                </button>
                <How of="components" name={head.metric === 'p50' || head.metric === 'p95' ? `${clock}${head.metric === 'p50' ? 'P50' : 'P95'}Ms` : head.metric} {...(head.about && { label: head.about })} />
              </div>
            ))}
          </div>
          {shown.map((line) => (
            <Line key={`${line.kind} ${line.name} ${line.nodeId}`} figures={line} clock={clock} open={(more, text) => <Behind scope={scope} workflowId={workflowId} component={{ kind: line.kind, name: line.name, ...(line.nodeId !== null && { nodeId: line.nodeId }), ...more }}>{text}</Behind>}>
              {line.nodeId !== null ? <Id text={line.nodeId} longest={60} /> : line.displayName === line.name ? <Id text={line.name} longest={60} /> : <Foreign text={line.displayName} longest={60} />}
              <span className="sub kind"> {line.nodeId !== null && <><Id text={line.name} longest={40} /> · </>}{kindLabel(line.kind)}</span>
            </Line>
          ))}
          {lines.other && (all || sorted.length <= FIRST) && <Line figures={lines.other} clock={clock} open={(_, text) => text}><span className="sub">all others together</span></Line>}
        </div>
      )}
      {lines.other && <p className="panel-note sub">{formatCount(lines.items.length)} {search.byNode ? 'nodes' : 'components'} with most steps are told apart; what the others did is added up in the line “all others together”, under no name of their own.</p>}
      {sorted.length > FIRST && !all && <button type="button" className="plain panel-note" onClick={() => setAll(true)}>Show all {counted(sorted.length, 'component')}</button>}
    </section>
  )
}

/** The runs behind a figure of a component. */
function Behind({ scope, workflowId, component, children }: { scope: Scope; workflowId: string; component: StepFilter; children: ReactNode }) {
  return <RunsLink of={{ workflowId }} search={runsBehind(scope.search, scope.range.window, { component })} className="figure">{children}</RunsLink>
}

type More = Omit<StepFilter, 'kind' | 'name' | 'nodeId'>

/** `open` makes a figure the way to what it counts. */
function Line({ figures, clock, open, children }: { figures: Figures; clock: ClockName; open: (more: More, text: ReactNode) => ReactNode; children: ReactNode }) {
  const time = figures.clocks[clock]
  const of = time.count === 0 ? 'not known' : `of ${counted(time.count, 'step')}`
  const failed = figures.failureRate === null ? '–' : formatRate(figures.failureRate)
  const counts = (count: number, more: More, text: string = formatCount(count)): ReactNode => (count > 0 ? open(more, text) : text)
  const rank = (minMs: number | null): ReactNode => (minMs === null ? '–' : open({ clock, minMs }, formatDuration(minMs)))
  return (
    <div role="row" className="list-row">
      <div role="cell" className="cell-name clip">{children}</div>
      <div role="cell" className="cell num" data-label="Steps">{counts(figures.count, {})}</div>
      <div role="cell" className={`cell num ${figures.failedCount > 0 ? 'bad-text' : ''}`} data-label="Failed" title={`${formatCount(figures.failedCount)} of ${formatCount(figures.count)}`}>{counts(figures.failedCount, { failed: true }, failed)}</div>
      <div role="cell" className="cell num" data-label="Retries expected">{counts(figures.retriesExpected, { retries: 'expected' })}</div>
      <div role="cell" className={`cell num ${figures.retriesUnexpected > 0 ? 'bad-text' : ''}`} data-label="Retries unexpected">{counts(figures.retriesUnexpected, { retries: 'unexpected' })}</div>
      <div role="cell" className="cell num" data-label="p50" title={of}>{rank(time.p50Ms)}</div>
      <div role="cell" className="cell num" data-label="p95" title={of}>{rank(time.p95Ms)}</div>
      <div role="cell" className="cell share" data-label="Share of time">
        <span className="meter" aria-hidden="true">{figures.shareOfTime !== null && <i style={{ width: `${figures.shareOfTime * 100}%` }} />}</span>
        <span className="num">{figures.shareOfTime === null ? '–' : formatShare(figures.shareOfTime)}</span>
      </div>
    </div>
  )
}

function csvOf(lines: ComponentLines): string {
  const times = ['count', 'avgMs', 'minMs', 'maxMs', 'p50Ms', 'p95Ms'] as const
  const head = [
    'kind', 'component', 'display_name', 'node', 'steps', 'completed', 'failed', 'failure_rate', 'retries_expected', 'retries_unexpected', 'retries_not_judged', 'unexpected_failures', 'share_of_time',
    ...CLOCKS.flatMap((clock) => times.map((time) => `${clock}_${time.replace('Ms', '_ms')}`)),
  ]
  const numbers = (line: Figures) => [
    line.count, line.completedCount, line.failedCount, line.failureRate, line.retriesExpected, line.retriesUnexpected, line.retriesUnknown, line.unexpectedFailures, line.shareOfTime,
    ...CLOCKS.flatMap((clock) => times.map((time) => line.clocks[clock][time])),
  ]
  return toCsv(head, [
    ...lines.items.map((line) => [line.kind, line.name, line.displayName, line.nodeId, ...numbers(line)]),
    ...(lines.other ? [['', 'all others', '', null, ...numbers(lines.other)]] : []),
  ])
}
