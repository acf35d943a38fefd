import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ErrorGroup, ErrorGroups } from '../../api/types.ts'
import { runsBehind } from '../../lib/behind.ts'
import { fileName, toCsv } from '../../lib/csv.ts'
import { counted, formatCount } from '../../lib/figure.ts'
import { Icon } from '../../ui/icon.tsx'
import { Age } from '../../ui/moment.tsx'
import { Foreign } from '../../ui/text.tsx'
import { saveFile } from '../save-file.ts'
import { How } from './how.tsx'
import { RunsLink, type RunsOf } from './runs-link.tsx'
import type { Scope } from './use-statistics.ts'

const FIRST = 6

/** What went wrong, most frequent first, whatever ids and times stand in the messages; each group opens its runs. */
export function ErrorTable({ found, scope, name, of }: { found: ErrorGroups; scope: Scope; name: string; of: RunsOf }) {
  const [all, setAll] = useState(false)
  const { groups, other } = found
  const shown = all ? groups : groups.slice(0, FIRST)
  return (
    <section className="panel list">
      <div className="panel-title">
        <h2 id="errors-title">Errors, grouped</h2>
        <How name="errorCount" note="Runs are of one group when their errors differ in ids, numbers, times and addresses only. First and last seen are of all time." />
        <span className="grow" />
        <button type="button" className="bare" aria-label="Download “Errors, grouped” as CSV" title="Download as CSV" onClick={() => saveFile({ fileName: fileName(name, 'errors'), text: csvOf(groups), type: 'text/csv;charset=utf-8' })}><Icon name="download" /></button>
      </div>
      {groups.length === 0 ? <p className="panel-note sub">Nothing went wrong in this time.</p> : (
        <div className="error-groups" role="table" aria-labelledby="errors-title">
          <div role="row" className="list-row list-head">
            <div role="columnheader">Error</div>
            <div role="columnheader" className="num">Runs</div>
            <div role="columnheader">First seen</div>
            <div role="columnheader">Last seen</div>
          </div>
          {shown.map((group) => <Group key={group.errorGroup} group={group} scope={scope} of={of} />)}
        </div>
      )}
      {groups.length > FIRST && !all && <button type="button" className="plain panel-note" onClick={() => setAll(true)}>Show all {counted(groups.length, 'group')}</button>}
      {other.groups > 0 && (all || groups.length <= FIRST) && <p className="panel-note sub">and {counted(other.count, 'run')} of {counted(other.groups, 'rarer group')}</p>}
    </section>
  )
}

function Group({ group, scope, of }: { group: ErrorGroup; scope: Scope; of: RunsOf }) {
  const behind = runsBehind(scope.search, scope.range.window, { errorGroup: group.errorGroup })
  const type = <Foreign text={group.errorType ?? 'Error'} longest={80} />
  return (
    <div role="row" className="list-row">
      <div role="cell" className="cell-name">
        <div className="error-type clip">
          {group.sampleExecutionId === null ? <span>{type}</span> : <Link to="/executions/$executionId" params={{ executionId: group.sampleExecutionId }} title="The newest run with this error">{type}</Link>}
        </div>
        <div className="sub error-message"><span title={group.message}><Foreign text={group.message} longest={160} /></span>{group.step && <> · <Foreign text={group.step} longest={60} /></>}</div>
      </div>
      <div role="cell" className="cell num" data-label="Runs"><RunsLink of={of} search={behind} className="figure">{formatCount(group.count)}</RunsLink></div>
      <div role="cell" className="cell sub" data-label="First seen"><Age iso={group.firstSeenAt} /></div>
      <div role="cell" className="cell sub" data-label="Last seen"><Age iso={group.lastSeenAt} /></div>
    </div>
  )
}

function csvOf(groups: readonly ErrorGroup[]): string {
  return toCsv(
    ['error_group', 'error_type', 'message', 'step', 'runs', 'first_seen', 'last_seen', 'newest_run'],
    groups.map((group) => [group.errorGroup, group.errorType, group.message, group.step, group.count, group.firstSeenAt, group.lastSeenAt, group.sampleExecutionId]),
  )
}
