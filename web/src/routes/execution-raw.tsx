import { useInfiniteQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { RunFrame } from '../features/run/run-frame.tsx'
import { PayloadText } from '../features/payload/payload-text.tsx'
import { formatExactMoment, formatTimeOfDay } from '../lib/moment.ts'
import { formatCount } from '../lib/figure.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Bone, Empty, Problem } from '../ui/states.tsx'

export function RawHistoryPage() {
  const { executionId } = useParams({ from: '/executions/$executionId/raw' })
  return (
    <RunFrame executionId={executionId} tab="Raw history">
      {(run) => run && <Events executionId={executionId} version={run.execution.historyLength} />}
    </RunFrame>
  )
}

function Events({ executionId, version }: { executionId: string; version: number }) {
  const [loaded, setLoaded] = useState(version)
  const pages = useInfiniteQuery(
    api.execution.getHistoryEvents.infiniteQueryOptions({ executionId, limit: 100 }, { getNextPageParam: (page) => page.nextCursor ?? undefined }),
  )
  if (pages.error && !pages.data) return <Problem error={pages.error} what="the raw history" retry={() => void pages.refetch()} />
  if (!pages.data) return <Bone width="100%" height={400} />
  const events = pages.data.pages.flatMap((page) => page.events)
  const total = pages.data.pages[0]?.total ?? 0
  if (events.length === 0) return <Empty title="No events are stored yet" />
  return (
    <>
      <div className="toolbar">
        <span className="sub">Temporal’s own events, as they are stored here. {formatCount(events.length)} of {formatCount(total)}.{pages.data.pages[0]?.hidden && ' The data of payloads is hidden: you may not see the values of this project.'}</span>
        {version !== loaded && <button type="button" className="button" onClick={() => void pages.refetch().then(() => setLoaded(version))}>Load what is new</button>}
      </div>
      <div className="panel events">
        {events.map((event, at) => <EventRow key={at} event={readEvent(event)} />)}
      </div>
      {pages.hasNextPage && (
        <div className="pager">
          <button type="button" className="button" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            {pages.isFetchingNextPage ? 'Loading…' : 'More events'}
          </button>
        </div>
      )}
    </>
  )
}

type EventLine = { id: string; type: string; time: string | null; text: () => string }

/** The three fields that every event has; the rest is shown as it is. */
function readEvent(event: unknown): EventLine {
  const fields: Record<string, unknown> = typeof event === 'object' && event !== null ? { ...event } : {}
  const time = fields['eventTime']
  return {
    id: String(fields['eventId'] ?? ''),
    type: String(fields['eventType'] ?? 'event'),
    time: typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? time : null,
    text: () => JSON.stringify(event),
  }
}

/** `EVENT_TYPE_ACTIVITY_TASK_SCHEDULED` → `ActivityTaskScheduled`, the name that Temporal's own tools show. */
function typeName(type: string): string {
  if (!type.startsWith('EVENT_TYPE_')) return type
  return type.slice('EVENT_TYPE_'.length).toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function EventRow({ event }: { event: EventLine }) {
  const [open, setOpen] = useState(false)
  return (
    <details className="event" onToggle={(toggle) => setOpen(toggle.currentTarget.open)}>
      <summary>
        <span className="num sub">{event.id}</span>
        <span className="sub event-time" title={event.time ? formatExactMoment(event.time) : undefined}>{event.time && formatTimeOfDay(event.time)}</span>
        <span className="clip">{typeName(event.type)}</span>
      </summary>
      {open && (
        <div>
          <div className="payload-head"><span className="grow" /><CopyButton text={event.text()} label={`event ${event.id}`} /></div>
          <PayloadText text={event.text()} isWhole label={`event ${event.id}`} />
        </div>
      )}
    </details>
  )
}
