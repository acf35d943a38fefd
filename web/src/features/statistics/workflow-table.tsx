import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { WorkflowLine } from '../../api/types.ts'
import { runsBehind } from '../../lib/behind.ts'
import { fileName, toCsv } from '../../lib/csv.ts'
import { formatDuration } from '../../lib/duration.ts'
import { counted, formatCount, formatRate } from '../../lib/figure.ts'
import type { HistorySearch } from '../../lib/url-state.ts'
import { Icon } from '../../ui/icon.tsx'
import { Age } from '../../ui/moment.tsx'
import { Foreign } from '../../ui/text.tsx'
import { saveFile } from '../save-file.ts'
import { How } from './how.tsx'
import { RunsLink } from './runs-link.tsx'
import { Spark } from './spark.tsx'
import type { Scope } from './use-statistics.ts'

const FIRST = 20

/** A project's workflows side by side; each leads to its own statistics of the same time. */
export function WorkflowTable({ lines, other, scope, name }: { lines: readonly WorkflowLine[]; other: number; scope: Scope; name: string }) {
  const [all, setAll] = useState(false)
  const shown = all ? lines : lines.slice(0, FIRST)
  const { from, to, last, compare, children } = scope.search
  const kept = { ...(from && { from }), ...(to && { to }), ...(last && { last }), ...(compare === false && { compare }), ...(children && { children }) }
  const open = ({ workflowId }: WorkflowLine, more: HistorySearch, text: string): ReactNode => (
    <RunsLink of={{ workflowId }} search={runsBehind(scope.search, scope.range.window, more)} className="figure above">{text}</RunsLink>
  )
  return (
    <section className="panel list">
      <div className="panel-title">
        <h2 id="workflow-lines-title">Workflows</h2>
        <span className="sub">most runs first{other > 0 && ` · ${formatCount(other)} more not shown`}</span>
        <span className="grow" />
        <button type="button" className="bare" aria-label="Download “Workflows” as CSV" title="Download as CSV" onClick={() => saveFile({ fileName: fileName(name, 'workflows'), text: csvOf(lines), type: 'text/csv;charset=utf-8' })}><Icon name="download" /></button>
      </div>
      <div className="workflow-lines" role="table" aria-labelledby="workflow-lines-title">
        <div role="row" className="list-row list-head">
          <div role="columnheader">Workflow</div>
          <div role="columnheader">Runs and errors over time</div>
          <div role="columnheader" className="num">Runs <How name="totalRuns" /></div>
          <div role="columnheader" className="num">Success rate <How name="successRate" /></div>
          <div role="columnheader" className="num">Errors <How name="errorCount" /></div>
          <div role="columnheader" className="num">Average <How name="avgDurationMs" /></div>
          <div role="columnheader" className="num">p95 <How name="p95DurationMs" /></div>
          <div role="columnheader">Last run</div>
        </div>
        {shown.map((line) => (
          <div role="row" className="list-row" key={line.workflowId}>
            <div role="cell" className="cell-name clip">
              <Link to="/workflows/$workflowId/statistics" params={{ workflowId: line.workflowId }} search={kept} data-row><Foreign text={line.name} longest={60} /></Link>
              <span className="sub"> {line.kind}</span>
            </div>
            <div role="cell" className="cell" data-label="Runs and errors over time">{line.totalRuns > 0 ? <Spark runs={line.spark} errors={line.sparkErrors} /> : <span className="sub">did not run</span>}</div>
            <div role="cell" className="cell num" data-label="Runs">{line.totalRuns > 0 ? open(line, {}, formatCount(line.totalRuns)) : '0'}</div>
            <div role="cell" className="cell num" data-label="Success rate">{line.successRate === null ? '–' : formatRate(line.successRate)}</div>
            <div role="cell" className={`cell num ${line.errorCount > 0 ? 'bad-text' : ''}`} data-label="Errors">{line.errorCount > 0 ? open(line, { errors: true }, formatCount(line.errorCount)) : '0'}</div>
            <div role="cell" className="cell num" data-label="Average" title={`n = ${formatCount(line.durationCount)}`}>{line.avgDurationMs === null ? '–' : formatDuration(line.avgDurationMs)}</div>
            <div role="cell" className="cell num" data-label="p95" title={`n = ${formatCount(line.durationCount)}`}>{line.p95DurationMs === null ? '–' : open(line, { minDurationMs: line.p95DurationMs, sort: 'durationMs' }, formatDuration(line.p95DurationMs))}</div>
            <div role="cell" className="cell sub" data-label="Last run">{line.lastRunAt ? <Age iso={line.lastRunAt} /> : '–'}</div>
          </div>
        ))}
      </div>
      {lines.length > FIRST && !all && <button type="button" className="plain panel-note" onClick={() => setAll(true)}>Show all {counted(lines.length, 'workflow')}</button>}
    </section>
  )
}

function csvOf(lines: readonly WorkflowLine[]): string {
  const parts = Array.from({ length: lines[0]?.spark.length ?? 0 }, (_, at) => at + 1)
  return toCsv(
    ['workflow', 'kind', 'runs', 'errors', 'success_rate', 'durations', 'avg_ms', 'p95_ms', 'last_run', ...parts.map((at) => `runs_${at}`), ...parts.map((at) => `errors_${at}`)],
    lines.map((line) => [line.name, line.kind, line.totalRuns, line.errorCount, line.successRate, line.durationCount, line.avgDurationMs, line.p95DurationMs, line.lastRunAt, ...line.spark, ...line.sparkErrors]),
  )
}
