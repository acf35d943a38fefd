import { useEffect, useState } from 'react'
import { formatDuration, formatRunningDuration } from '../lib/duration.ts'
import { formatAge, formatExactMoment, formatMoment, formatUntil } from '../lib/moment.ts'

/** The time now, renewed every `everyMs` while somebody looks. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

export function Moment({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={formatExactMoment(iso)} className="nowrap">
      {formatMoment(iso)}
    </time>
  )
}

export function Age({ iso }: { iso: string }) {
  const now = useNow(1000)
  return (
    <time dateTime={iso} title={formatExactMoment(iso)} className="nowrap">
      {formatAge(iso, now)}
    </time>
  )
}

/** The time that is left until then. */
export function Until({ iso }: { iso: string }) {
  const now = useNow(1000)
  return (
    <time dateTime={iso} title={formatExactMoment(iso)} className="nowrap">
      {formatUntil(iso, now)}
    </time>
  )
}

/** How long something took, or takes so far. */
export function Took({ ms, since }: { ms: number | null; since: string | null }) {
  if (ms !== null) return <span className="nowrap">{formatDuration(ms)}</span>
  return since ? <TookSoFar since={since} /> : null
}

function TookSoFar({ since }: { since: string }) {
  const now = useNow(1000)
  return <span className="nowrap">{formatRunningDuration(Math.floor((now - Date.parse(since)) / 1000) * 1000)}</span>
}
