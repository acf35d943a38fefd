import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import type { Graph, IterationCounts, NodeIteration, NodeStatus } from '../../api/types.ts'
import { formatDuration } from '../../lib/duration.ts'
import { counted, formatCount } from '../../lib/figure.ts'
import { countsText, type Items, itemName, itemTyped, loopsAround, loopsOf, pickedAround } from '../../lib/run-graph.ts'
import { type Look, nodeLook } from '../../lib/status.ts'
import { Icon } from '../../ui/icon.tsx'
import { Bone, messageOf } from '../../ui/states.tsx'
import { Foreign } from '../../ui/text.tsx'

const FIRST = 100
const LIVE_MS = 2000
const STATUSES: readonly NodeStatus[] = ['failed', 'running', 'retrying', 'completed', 'cancelled', 'skipped']

type Props = {
  executionId: string
  graph: Graph
  nodeId: string
  counts: IterationCounts
  items: Items
  isLive: boolean
  onPick: (iteration: readonly number[]) => void
}

/** What became of a node at each item of its loop: those that failed first, then in the order of the items. */
export function Iterations({ executionId, graph, nodeId, counts, items, isLive, onPick }: Props) {
  const [typed, setTyped] = useState('')
  const [status, setStatus] = useState<NodeStatus | ''>('')
  // The journal says of an approval that it has started: that is that it waits.
  const isApproval = graph.nodes.some((node) => node.id === nodeId && node.kind === 'approval')
  const lookOf = (one: NodeStatus): Look => nodeLook(isApproval && one === 'running' ? 'waiting_for_approval' : one)
  const isLoop = loopsOf(graph, nodeId).at(-1) === nodeId
  const outer = pickedAround(graph, nodeId, items)
  const iteration = isLoop ? outer : outer.slice(0, Math.max(0, loopsAround(graph, nodeId).length - 1))
  const asked = { executionId, nodeId, iteration, limit: FIRST }
  const refetchInterval = isLive ? LIVE_MS : false
  const failed = useQuery({ ...api.execution.getNodeIterations.queryOptions({ ...asked, status: 'failed' }, { refetchInterval }), enabled: status === '' && counts.failed > 0 })
  const pages = useInfiniteQuery(api.execution.getNodeIterations.infiniteQueryOptions({ ...asked, ...(status !== '' && { status }) }, { getNextPageParam: (page) => page.nextCursor ?? undefined, refetchInterval }))
  const bad = status === '' ? (failed.data?.items ?? []) : []
  const known = new Set(bad.map(keyOf))
  const all = [...bad, ...(pages.data?.pages.flatMap((page) => page.items) ?? []).filter((one) => !known.has(keyOf(one)))]
  const total = isLoop || loopsAround(graph, nodeId).length === 1 ? counts.total : null
  const item = itemTyped(typed, total)
  const shown = typed.trim() === '' ? all : all.filter((one) => one.iteration.some((at) => String(at + 1).startsWith(typed.trim())))
  const pickTyped = (): void => {
    if (item !== null) onPick([...iteration, item])
  }
  return (
    <section className="iterations" aria-label="Items">
      <div className="iterations-head">
        <h3>{isLoop ? 'Items' : 'Once for each item'}</h3>
        <span className="sub">{countsText(counts)}</span>
      </div>
      <form className="iterations-tools" onSubmit={(event) => { event.preventDefault(); pickTyped() }}>
        <label className="field">
          <Icon name="search" />
          <input type="search" inputMode="numeric" placeholder={counts.total === null ? 'Item number' : `1 to ${formatCount(counts.total)}`} aria-label="Item number" value={typed} onChange={(event) => setTyped(event.target.value)} />
        </label>
        <select aria-label="Status of the items" className="button" value={status} onChange={(event) => setStatus(event.target.value as NodeStatus | '')}>
          <option value="">any status</option>
          {STATUSES.map((one) => <option key={one} value={one}>{lookOf(one).label}</option>)}
        </select>
      </form>
      {pages.error && !pages.data && <p className="bad-text" role="alert">{messageOf(pages.error)}</p>}
      {!pages.data && !pages.error && <Bone width="100%" height={60} />}
      <ol className="iteration-list" tabIndex={0} aria-label="The items">
        {shown.map((one) => <Row key={keyOf(one)} iteration={one} look={lookOf(one.status)} isPicked={isPicked(graph, nodeId, items, one.iteration)} onPick={() => onPick(one.iteration)} />)}
      </ol>
      {pages.data && shown.length === 0 && (
        <p className="sub">{item !== null && status === '' ? <button type="button" className="plain" onClick={pickTyped}>Show item {formatCount(item + 1)}</button> : typed.trim() === '' ? (status === '' ? 'No item has begun yet.' : `No item is “${lookOf(status).label}”.`) : total !== null ? `There is no such item: there are ${counted(total, 'item')}.` : 'No such item is listed here.'}</p>
      )}
      {pages.hasNextPage && <button type="button" className="button" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>{pages.isFetchingNextPage ? 'Loading…' : 'More items'}</button>}
    </section>
  )
}

function Row({ iteration, look, isPicked, onPick }: { iteration: NodeIteration; look: Look; isPicked: boolean; onPick: () => void }) {
  return (
    <li>
      <button type="button" className={`iteration ${isPicked ? 'on' : ''}`} aria-pressed={isPicked} onClick={onPick}>
        <span className={`step-dot ${look.tone}`}><Icon name={look.icon} /></span>
        <span className="iteration-name">
          <b>{itemName(iteration.iteration)}</b> <span className="sub">{look.label}</span>
          {iteration.errorMessage && <span className="sub clip"><Foreign text={iteration.errorMessage} longest={120} /></span>}
        </span>
        <span className="sub num">
          {iteration.attempt !== null && iteration.attempt > 1 && <>{counted(iteration.attempt, 'attempt')}<br /></>}
          {iteration.durationMs !== null && formatDuration(iteration.durationMs)}
        </span>
      </button>
    </li>
  )
}

const keyOf = (one: NodeIteration): string => one.iteration.join()

function isPicked(graph: Graph, nodeId: string, items: Items, iteration: readonly number[]): boolean {
  return loopsOf(graph, nodeId).every((loop, at) => items[loop] === iteration[at])
}
