import type { ReactNode } from 'react'
import { Empty, messageOf } from '../../ui/states.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Age } from '../../ui/moment.tsx'
import { type Scope, useChange } from './use-statistics.ts'

/** Said instead of figures where the range cannot be shown, with a way out. */
export function RangeFault({ scope }: { scope: Scope }) {
  const change = useChange()
  const { from, to } = scope.search
  const isBackwards = from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to)
  return (
    <Empty title={scope.range.fault ?? ''}>
      <p>{isBackwards ? 'Nothing can have started in it.' : 'Choose another one.'}</p>
      <div className="row">
        {isBackwards && <button type="button" className="button primary" onClick={() => change({ from: to, to: from })}>Turn it round</button>}
        <button type="button" className="button" onClick={() => change({ from: undefined, to: undefined, last: undefined })}>Last 7 days</button>
        <button type="button" className="button" onClick={() => change({ from: undefined, to: undefined, last: 'all' })}>All time</button>
      </div>
    </Empty>
  )
}

/** Where nothing ran: why that may be, and the nearest time with figures. */
export function NothingRan({ scope, lastRunAt }: { scope: Scope; lastRunAt: string | null }) {
  const change = useChange()
  const { search, range } = scope
  const isNarrowed = search.version !== undefined || search.deployment !== undefined || search.buildId !== undefined
  const hasRange = range.window.from !== undefined || range.window.to !== undefined
  if (lastRunAt === null && !isNarrowed) return <Empty title="No runs yet"><p>Figures appear with the first run.</p></Empty>
  return (
    <Empty title={hasRange ? 'No run started in this time' : 'No such run'}>
      {lastRunAt && <p>The last run started <Age iso={lastRunAt} />.</p>}
      <div className="row">
        {hasRange && <button type="button" className="button primary" onClick={() => change({ from: undefined, to: undefined, last: 'all' })}>Show all time</button>}
        {isNarrowed && <button type="button" className="button" onClick={() => change({ version: undefined, deployment: undefined, buildId: undefined })}>Show all versions</button>}
        {!search.children && <button type="button" className="button" onClick={() => change({ children: true })}>With sub-workflows</button>}
      </div>
    </Empty>
  )
}

/** One part of the page that could not be loaded; the rest of it stands. */
export function PartFault({ title, error, retry }: { title: string; error: unknown; retry: () => void }): ReactNode {
  return (
    <section className="panel part-fault" role="alert" aria-label={title}>
      <h2>{title}</h2>
      <p className="sub"><Icon name="alert" /> {messageOf(error)}</p>
      <button type="button" className="button" onClick={retry}><Icon name="retry" /> Try again</button>
    </section>
  )
}
