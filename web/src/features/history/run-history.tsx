import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ExecutionPage } from '../../api/types.ts'
import { isFiltered } from '../../lib/history-filter.ts'
import { formatDay } from '../../lib/retention.ts'
import type { HistorySearch } from '../../lib/url-state.ts'
import { Empty, Problem } from '../../ui/states.tsx'
import { RunList, RunListBones } from '../run-list.tsx'
import { Filters, type StatusCounts } from './filters.tsx'
import { Pager } from './pager.tsx'

/** How many runs are on a page. */
export const PAGE = 50
type Looked = { search: HistorySearch; empty: ReactNode; named?: boolean }

/** The runs of a workflow or a project: what they are narrowed to, one page of them, and the way on. `named`: of which workflow each is. */
export function RunHistory(props: Looked & { query: UseQueryResult<ExecutionPage, unknown>; counts: StatusCounts | null | undefined; what: string }) {
  const { query, counts, what, ...looked } = props
  if (query.error && !query.data) return <Problem error={query.error} what={what} retry={() => void query.refetch()} />
  return (
    <>
      <Filters search={looked.search} counts={counts} run={query.data?.items[0]} />
      {query.data ? <Runs page={query.data} {...looked} /> : <RunListBones rows={10} named={looked.named ?? false} />}
    </>
  )
}

function Runs({ page, search, empty, named = false }: Looked & { page: ExecutionPage }) {
  if (page.items.length > 0) {
    return (
      <>
        <RunList runs={page.items} label="Runs" named={named} head={{ started: <SortBy field="startedAt" label="Started" search={search} />, took: <SortBy field="durationMs" label="Took" search={search} /> }} />
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
  return empty
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
