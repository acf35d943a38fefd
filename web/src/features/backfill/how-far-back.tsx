import { useMutation, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { api, queryClient } from '../../api/client.ts'
import type { Level, UnansweredConnection } from '../../api/types.ts'
import { costOf } from '../../lib/backfill.ts'
import { LEVELS } from '../../lib/connection.ts'
import { counted } from '../../lib/figure.ts'
import { messageOf } from '../../ui/states.tsx'
import { Id } from '../../ui/text.tsx'

const DAY = 86_400_000
const STRETCHES = [
  { value: 'all', label: 'all that Temporal still has', days: null },
  { value: '30', label: 'the last 30 days', days: 30 },
  { value: '7', label: 'the last 7 days', days: 7 },
  { value: '1', label: 'the last 24 hours', days: 1 },
] as const

/** Asks once how much of what a namespace already has is copied, with what that costs. */
export function HowFarBack({ connection, mayChange }: { connection: UnansweredConnection; mayChange: boolean }) {
  const [stretch, setStretch] = useState<string>('all')
  const [chosen, setLevel] = useState<Level | null>(null)
  const since = useMemo(() => sinceOf(stretch), [stretch])
  const { connectionId } = connection
  const estimate = useQuery(api.backfill.estimate.queryOptions({ connectionId, ...(since && { since }) }, { staleTime: 60_000, enabled: mayChange }))
  const start = useMutation(api.backfill.start.mutationOptions({ onSuccess: () => queryClient.invalidateQueries() }))
  // What somebody set less than everything is their will; a large namespace is better begun with less.
  const level = chosen ?? (connection.level === 'all' ? (estimate.data?.proposedLevel ?? 'all') : connection.level)
  return (
    <section className="panel how-far-back" aria-label={`Older runs of ${connection.namespace}`}>
      <h2>How far back?</h2>
      <p>Runs of <Id text={connection.namespace} longest={60} /> that start from now on are copied. Older ones wait for {mayChange ? 'your answer' : 'an owner or editor of the project to decide'}.</p>
      {mayChange && (
        <form onSubmit={(event) => { event.preventDefault(); start.mutate({ connectionId, level, ...(since ? { since } : { all: true }) }) }}>
          <div className="how-far-back-fields">
            <label>List<select value={stretch} onChange={(event) => setStretch(event.target.value)}>{STRETCHES.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}</select></label>
            <label>and copy<select value={level} onChange={(event) => setLevel(event.target.value as Level)}>{LEVELS.map((one) => <option key={one.level} value={one.level}>{one.label}</option>)}</select></label>
          </div>
          <p className="sub" role="status">
            {estimate.isFetching && !estimate.data && 'Asking Temporal what there is…'}
            {estimate.error && !estimate.data && <span className="bad-text">{messageOf(estimate.error)}</span>}
            {estimate.data && <>There {estimate.data.runs === 1 ? 'is' : 'are'} {counted(estimate.data.runs, 'run')}. Copied: {costOf(estimate.data, level)}.</>}
            {estimate.data?.proposedLevel === 'failed' && level === 'all' && ' That is much: copying the failed ones, or a shorter time, is enough for most.'}
          </p>
          {start.error && <p className="sub bad-text" role="alert">{messageOf(start.error)}</p>}
          <div className="row">
            <button type="submit" className="button primary" disabled={start.isPending}>Start copying</button>
            <button type="button" className="button" disabled={start.isPending} onClick={() => start.mutate({ connectionId, none: true })}>Nothing older</button>
          </div>
        </form>
      )}
    </section>
  )
}

function sinceOf(stretch: string): string | null {
  const days = STRETCHES.find(({ value }) => value === stretch)?.days ?? null
  return days === null ? null : new Date(Date.now() - days * DAY).toISOString()
}
