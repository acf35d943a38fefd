import { Link } from '@tanstack/react-router'
import type { VersionLine } from '../../api/types.ts'
import { fileName, toCsv } from '../../lib/csv.ts'
import { formatDuration } from '../../lib/duration.ts'
import { counted, formatCount, formatRate } from '../../lib/figure.ts'
import { Icon } from '../../ui/icon.tsx'
import { Age } from '../../ui/moment.tsx'
import { Id } from '../../ui/text.tsx'
import { saveFile } from '../save-file.ts'
import { keyOf, searchOf } from './menus.tsx'

/** The same runs, split by version; each leads to the figures of that version alone. */
export function VersionTable({ lines, other, name }: { lines: readonly VersionLine[]; other: number; name: string }) {
  const duration = (ms: number | null) => (ms === null ? '–' : formatDuration(ms))
  return (
    <section className="panel list">
      <div className="panel-title">
        <h2 id="versions-title">By version</h2>
        <span className="sub">the one that ran last comes first{other > 0 && ` · ${counted(other, 'older version')} not shown`}</span>
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
            <div role="cell" className="cell num" data-label="Runs">{formatCount(line.totalRuns)}</div>
            <div role="cell" className="cell num" data-label="Success rate">{line.successRate === null ? '–' : formatRate(line.successRate)}</div>
            <div role="cell" className={`cell num ${line.errorCount > 0 ? 'bad-text' : ''}`} data-label="Errors">{formatCount(line.errorCount)}</div>
            <div role="cell" className="cell num" data-label="p50">{duration(line.p50DurationMs)}</div>
            <div role="cell" className="cell num" data-label="p95">{duration(line.p95DurationMs)}</div>
            <div role="cell" className="cell sub" data-label="Last run"><Age iso={line.lastRunAt} /></div>
          </div>
        ))}
      </div>
    </section>
  )
}

function csvOf(lines: readonly VersionLine[]): string {
  return toCsv(
    ['version', 'deployment', 'build_id', 'runs', 'errors', 'success_rate', 'durations', 'avg_ms', 'p50_ms', 'p95_ms', 'first_run', 'last_run'],
    lines.map((line) => [line.version, line.deployment, line.buildId, line.totalRuns, line.errorCount, line.successRate, line.durationCount, line.avgDurationMs, line.p50DurationMs, line.p95DurationMs, line.firstRunAt, line.lastRunAt]),
  )
}
