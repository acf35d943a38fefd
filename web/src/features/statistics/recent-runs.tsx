import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ExecutionSummary } from '../../api/types.ts'
import { isOpen } from '../../lib/status.ts'
import { Age, Took } from '../../ui/moment.tsx'
import { RunPill } from '../../ui/status-pill.tsx'
import { Id } from '../../ui/text.tsx'

const SHOWN = 6

/** The runs that started last, one a line. */
export function RecentRuns({ runs, all }: { runs: readonly ExecutionSummary[]; all?: ReactNode }) {
  return (
    <section className="panel list">
      <div className="panel-title"><h2 id="recent-title">Recent executions</h2><span className="grow" />{all}</div>
      <div className="recent-runs" role="table" aria-labelledby="recent-title">
        <div role="row" className="list-row list-head unseen-head">
          {['Status', 'Run', 'Took', 'Started'].map((head) => <div key={head} role="columnheader" className={head === 'Took' ? 'num' : ''}>{head}</div>)}
        </div>
        {runs.slice(0, SHOWN).map((run) => (
          <div role="row" className="list-row" key={run.id}>
            <div role="cell"><RunPill run={run} /></div>
            <div role="cell" className="clip"><Link to="/executions/$executionId" params={{ executionId: run.id }} data-row><Id text={run.temporalWorkflowId} longest={48} /></Link></div>
            <div role="cell" className="num"><Took ms={run.durationMs} since={isOpen(run.status) ? run.startedAt : null} /></div>
            <div role="cell" className="sub">{run.startedAt && <Age iso={run.startedAt} />}</div>
          </div>
        ))}
      </div>
    </section>
  )
}
