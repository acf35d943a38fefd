import type { TaskQueueLine } from '../../api/types.ts'
import { runsBehind } from '../../lib/behind.ts'
import { fileName, toCsv } from '../../lib/csv.ts'
import { formatDuration } from '../../lib/duration.ts'
import { formatCount } from '../../lib/figure.ts'
import { Icon } from '../../ui/icon.tsx'
import { Id } from '../../ui/text.tsx'
import { saveFile } from '../save-file.ts'
import { How } from './how.tsx'
import { RunsLink, type RunsOf } from './runs-link.tsx'
import type { Scope } from './use-statistics.ts'

/** How long work waits for a worker, by task queue: the bars are the p95 against the longest of them. */
export function QueueTable({ lines, scope, name, of }: { lines: readonly TaskQueueLine[]; scope: Scope; name: string; of: RunsOf }) {
  const longest = Math.max(...lines.map((line) => line.queue.p95Ms ?? 0), 1)
  return (
    <section className="panel list">
      <div className="panel-title">
        <h2 id="queues-title">Waits by task queue</h2>
        <span className="sub">from being scheduled to the first start</span>
        <span className="grow" />
        <button type="button" className="bare" aria-label="Download “Waits by task queue” as CSV" title="Download as CSV" onClick={() => saveFile({ fileName: fileName(name, 'task-queues'), text: csvOf(lines), type: 'text/csv;charset=utf-8' })}><Icon name="download" /></button>
      </div>
      <div className="queue-lines" role="table" aria-labelledby="queues-title">
        <div role="row" className="list-row list-head">
          <div role="columnheader">Task queue</div>
          <div role="columnheader" className="num">Runs <How name="totalRuns" /></div>
          <div role="columnheader" className="num">Steps <How of="components" name="count" /></div>
          <div role="columnheader" className="num">p50 wait <How of="components" name="queueP50Ms" /></div>
          <div role="columnheader" className="num">p95 wait <How of="components" name="queueP95Ms" /></div>
          <div role="columnheader" className="num">Longest <How of="components" name="queueMaxMs" /></div>
          <div role="columnheader">p95 beside the others</div>
        </div>
        {lines.map(({ taskQueue, runs, steps, queue }) => (
          <div role="row" className="list-row" key={taskQueue}>
            <div role="cell" className="cell-name clip"><Id text={taskQueue} longest={60} /></div>
            <div role="cell" className="cell num" data-label="Runs">{runs > 0 ? <RunsLink of={of} search={runsBehind(scope.search, scope.range.window, { taskQueue })} className="figure">{formatCount(runs)}</RunsLink> : '0'}</div>
            <div role="cell" className="cell num" data-label="Steps">{formatCount(steps)}</div>
            {([['p50 wait', queue.p50Ms], ['p95 wait', queue.p95Ms], ['Longest', queue.maxMs]] as const).map(([label, ms]) => (
              <div key={label} role="cell" className="cell num" data-label={label} title={`n = ${formatCount(queue.count)}`}>{ms === null ? '–' : formatDuration(ms)}</div>
            ))}
            <div role="cell" className="cell" data-label="p95 beside the others"><span className="meter queue" aria-hidden="true">{queue.p95Ms !== null && queue.p95Ms > 0 && <i style={{ width: `${(queue.p95Ms / longest) * 100}%` }} />}</span></div>
          </div>
        ))}
      </div>
    </section>
  )
}

function csvOf(lines: readonly TaskQueueLine[]): string {
  return toCsv(
    ['task_queue', 'runs', 'steps', 'waits', 'avg_ms', 'p50_ms', 'p95_ms', 'max_ms'],
    lines.map(({ taskQueue, runs, steps, queue }) => [taskQueue, runs, steps, queue.count, queue.avgMs, queue.p50Ms, queue.p95Ms, queue.maxMs]),
  )
}
