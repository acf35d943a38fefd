import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useMediaQuery } from '@mantine/hooks'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { api } from '../api/client.ts'
import type { Chain, ChainRun } from '../api/types.ts'
import { RunFrame } from '../features/run/run-frame.tsx'
import { chainGaps, chainWords, originWords } from '../lib/chain.ts'
import { formatDuration } from '../lib/duration.ts'
import { counted, formatCount } from '../lib/figure.ts'
import { isOpen } from '../lib/status.ts'
import { Icon } from '../ui/icon.tsx'
import { Moment, Took } from '../ui/moment.tsx'
import { Bone, Problem } from '../ui/states.tsx'
import { RunPill } from '../ui/status-pill.tsx'
import { Foreign } from '../ui/text.tsx'
import { useTopOf } from '../ui/use-top-of.ts'

const PAGE = 100
type Order = 'desc' | 'asc'

export function ChainPage() {
  const { executionId } = useParams({ from: '/executions/$executionId/chain' })
  return (
    <RunFrame executionId={executionId} tab="Chain">
      {(run) => run && <Story executionId={executionId} />}
    </RunFrame>
  )
}

function Story({ executionId }: { executionId: string }) {
  const [order, setOrder] = useState<Order>('desc')
  const pages = useInfiniteQuery({
    ...api.execution.getChain.infiniteQueryOptions({ executionId, limit: PAGE, order }, { getNextPageParam: (page) => page.nextCursor ?? undefined }),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 && (query.state.data?.pages[0]?.figures.openRuns ?? 0) > 0 ? 5000 : false),
  })
  const first = pages.data?.pages[0]
  if (pages.error && !first) return <Problem error={pages.error} what="the chain of this run" retry={() => void pages.refetch()} />
  if (!first || !pages.data) return <Bone width="100%" height={320} />
  const runs = pages.data.pages.flatMap((page) => page.items)
  return (
    <>
      <Summary chain={first} />
      <div className="toolbar" role="group" aria-label="Order">
        <span className="sub">{counted(first.figures.totalRuns, 'run')}, {order === 'desc' ? 'the newest first' : 'from the beginning'}</span>
        <span className="grow" />
        <button type="button" className="button" onClick={() => setOrder(order === 'desc' ? 'asc' : 'desc')}>{order === 'desc' ? 'Oldest first' : 'Newest first'}</button>
      </div>
      <Runs
        runs={runs}
        total={pages.hasNextPage ? Math.max(first.figures.totalRuns, runs.length + 1) : runs.length}
        own={executionId}
        onMissing={() => pages.isFetchingNextPage || void pages.fetchNextPage()}
      />
    </>
  )
}

function Summary({ chain: { figures } }: { chain: Chain }) {
  const ways = chainWords(figures)
  const gaps = chainGaps(figures)
  return (
    <div className="panel card chain-story">
      <p>
        <b>{counted(figures.totalRuns, 'run')}</b> since <Moment iso={figures.firstStartedAt} />, one after the other{ways && <>: after the first, {ways}</>}.{' '}
        {figures.openRuns > 0 ? 'The last one is still open. ' : figures.lastClosedAt && <>The last one ended <Moment iso={figures.lastClosedAt} />. </>}
        Together they did {counted(figures.totalComponents, 'step')}, and the closed ones took {formatDuration(figures.totalDurationMs)}.
        {figures.failedRuns > 0 && <> {counted(figures.failedRuns, 'run')} ended with an error.</>}
      </p>
      {gaps.map((gap) => <p key={gap} className="sub"><Icon name="info" /> {gap}</p>)}
    </div>
  )
}

function Runs({ runs, total, own, onMissing }: { runs: readonly ChainRun[]; total: number; own: string; onMissing: () => void }) {
  const body = useRef<HTMLDivElement>(null)
  const top = useTopOf(body)
  const isPhone = useMediaQuery('(max-width: 900px)', undefined, { getInitialValueInEffect: false })
  const rowHeight = isPhone ? 84 : 52
  const rows = useWindowVirtualizer({ count: total, estimateSize: () => rowHeight, overscan: 8, scrollMargin: top, getItemKey: (at) => runs[at]?.executionId ?? at })
  useLayoutEffect(() => rows.measure(), [rows, rowHeight])
  const numbers = new Map(runs.map((run) => [run.executionId, run.number]))
  return (
    <div className="panel chain" role="table" aria-label="Runs of the chain" aria-rowcount={total + 1}>
      <div role="row" className="chain-head" aria-rowindex={1}>
        <span role="columnheader" className="num">Run</span>
        <span role="columnheader">Status</span>
        <span role="columnheader">How it came to be</span>
        <span role="columnheader">Started</span>
        <span role="columnheader" className="num">Took</span>
        <span role="columnheader" className="num">Steps</span>
      </div>
      <div className="chain-body" role="rowgroup" ref={body} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const run = runs[item.index]
          const place = { transform: `translateY(${item.start - top}px)` }
          if (!run) return <Missing key={item.key} index={item.index} place={place} onSeen={onMissing} />
          return <Row key={item.key} run={run} before={run.fromExecutionId ? (numbers.get(run.fromExecutionId) ?? null) : null} index={item.index} place={place} isOwn={run.executionId === own} />
        })}
      </div>
    </div>
  )
}

function Row({ run, before, index, place, isOwn }: { run: ChainRun; before: number | null; index: number; place: { transform: string }; isOwn: boolean }) {
  const error = run.errorType ?? run.errorMessage
  return (
    <div role="row" aria-rowindex={index + 2} className={`chain-row ${isOwn ? 'selected' : ''}`} style={place}>
      <span role="cell" className="num cell-number">
        <Link to="/executions/$executionId" params={{ executionId: run.executionId }} data-row aria-current={isOwn ? 'page' : undefined}>{formatCount(run.number)}</Link>
      </span>
      <span role="cell" className="cell-status"><RunPill run={run} /></span>
      <span role="cell" className="cell-origin">
        <span className="clip">{originWords(run, before)}{isOwn && <span className="sub"> · this run</span>}</span>
        <span className="sub clip">
          {error && <Foreign text={error} longest={120} />}
          {[run.isMissingBefore && 'the run before is not known', run.isReplaced && 'replaced by a reset', run.isGone && 'gone from Temporal'].filter(Boolean).map((text, at) => <span key={String(text)}>{(at > 0 || error) && ' · '}{text}</span>)}
        </span>
      </span>
      <span role="cell" className="cell-started sub">{run.startedAt && <Moment iso={run.startedAt} />}</span>
      <span role="cell" className="cell-took num"><Took ms={run.durationMs} since={isOpen(run.status) ? run.startedAt : null} /></span>
      <span role="cell" className="cell-steps num">{run.detailState === 'none' ? '–' : counted(run.componentCount, 'step')}{run.failedComponentCount > 0 && <span className="bad-text"> · {formatCount(run.failedComponentCount)} failed</span>}</span>
    </div>
  )
}

/** A row whose run has not been asked for yet; being drawn is what asks for it. */
function Missing({ index, place, onSeen }: { index: number; place: { transform: string }; onSeen: () => void }) {
  useEffect(onSeen)
  return (
    <div role="row" aria-rowindex={index + 2} className="chain-row" style={place}>
      <span role="cell" className="cell-number"><span className="unseen">Loading</span><Bone width={24} /></span>
      <span role="cell" className="cell-status"><Bone width={90} height={22} /></span>
      <span role="cell" className="cell-origin"><Bone width="60%" /></span>
    </div>
  )
}
