import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { VersionLine } from '../../api/types.ts'
import { runsBehind } from '../../lib/behind.ts'
import { fileName, toCsv } from '../../lib/csv.ts'
import { formatDuration } from '../../lib/duration.ts'
import { counted, formatCount, formatRate } from '../../lib/figure.ts'
import type { HistorySearch } from '../../lib/url-state.ts'
import { Icon } from '../../ui/icon.tsx'
import { Age } from '../../ui/moment.tsx'
import { Id } from '../../ui/text.tsx'
import { saveFile } from '../save-file.ts'
import { keyOf, searchOf } from './menus.tsx'
import { RunsLink } from './runs-link.tsx'
import type { Scope } from './use-statistics.ts'

/** The same runs, split by version; each leads to the figures of that version alone. */
export function VersionTable({ lines, other, scope, name, workflowId }: { lines: readonly VersionLine[]; other: number; scope: Scope; name: string; workflowId: string }) {
  const open = (line: VersionLine, more: HistorySearch, text: string): ReactNode => {
    const { version: _, deployment: _deployment, buildId: _build, ...rest } = scope.search
    return <RunsLink of={{ workflowId }} search={runsBehind({ ...rest, ...searchOf(line) }, scope.range.window, more)} className="figure">{text}</RunsLink>
  }
  const duration = (line: VersionLine, ms: number | null): ReactNode => (ms === null ? '–' : open(line, { minDurationMs: ms, sort: 'durationMs' }, formatDuration(ms)))
  return (
    <section className="panel list">
      <div className="panel-title">
        <h2 id="versions-title">By version</h2>
        <span className="sub">the one that ran last comes first{other > 0 && ` · ${counted(other, 'other version')} not shown apart`}</span>
        <span className="grow" />
        <button type="button" className="bare" aria-label="Download “By version” as CSV" title="Download as CSV" onClick={() => saveFile({ fileName: fileName(name, 'versions'), text: csvOf(lines), type: 'text/csv;charset=utf-8' })}><Icon name="download" /></button>
      </div>
      <div className="versions" role="table" aria-labelledby="versions-title">
        <div role="row" className="list-row list-head">
          <div role="columnheader">Version</div>
          <div role="columnheader" className="num">Runs</div>
          <div role="columnheader" className="num">Success rate</div>
          <div role="columnheader" className="num">Errors</div>
          <div role="columnheader" className="num">p50</div>
          <div role="columnheader" className="num">p95</div>
          <div role="columnheader">Last run</div>
        </div>
        {lines.map((line) => (
          <div role="row" className="list-row" key={keyOf(line)}>
            <div role="cell" className="cell-name clip">
              <Link to="." search={(search) => ({ ...search, version: undefined, deployment: undefined, buildId: undefined, ...searchOf(line) })} resetScroll={false}>
                {line.label === '' ? 'No version known' : line.version !== null ? line.label : <Id text={line.label} longest={60} />}
              </Link>
            </div>
            <div role="cell" className="cell num" data-label="Runs">{open(line, {}, formatCount(line.totalRuns))}</div>
            <div role="cell" className="cell num" data-label="Success rate">{line.successRate === null ? '–' : formatRate(line.successRate)}</div>
            <div role="cell" className={`cell num ${line.errorCount > 0 ? 'bad-text' : ''}`} data-label="Errors">{line.errorCount > 0 ? open(line, { errors: true }, formatCount(line.errorCount)) : '0'}</div>
            <div role="cell" className="cell num" data-label="p50">{duration(line, line.p50DurationMs)}</div>
            <div role="cell" className="cell num" data-label="p95">{duration(line, line.p95DurationMs)}</div>
            <div role="cell" className="cell sub" data-label="Last run"><Age iso={line.lastRunAt} /></div>
          </div>
        ))}
      </div>
      {other > 0 && <p className="panel-note sub">The {formatCount(lines.length)} versions that ran last are shown. The figures above count the others too{'; of more than 500 versions, the newest are no longer told apart here'}.</p>}
    </section>
  )
}

function csvOf(lines: readonly VersionLine[]): string {
  return toCsv(
    ['version', 'deployment', 'build_id', 'runs', 'errors', 'success_rate', 'durations', 'avg_ms', 'p50_ms', 'p95_ms', 'first_run', 'last_run'],
    lines.map((line) => [line.version, line.deployment, line.buildId, line.totalRuns, line.errorCount, line.successRate, line.durationCount, line.avgDurationMs, line.p50DurationMs, line.p95DurationMs, line.firstRunAt, line.lastRunAt]),
  )
}
