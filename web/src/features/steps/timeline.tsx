import { memo, useMemo } from 'react'
import type { Attempt, Component } from '../../api/types.ts'
import { barsOf, type Span, tickLabel, ticksOf } from '../../lib/timeline.ts'

const percent = (share: number): string => `${share * 100}%`

/** One step's bars. Drawn for the rows on the screen alone. */
export const TimeLine = memo(function TimeLine({ step, startMs, endMs, attempts }: { step: Component; startMs: number; endMs: number; attempts?: readonly Attempt[] | undefined }) {
  const bars = useMemo(() => barsOf(step, { startMs, endMs }, attempts), [step, startMs, endMs, attempts])
  return (
    <div className="line" aria-hidden="true">
      {bars.map((bar, at) => (
        <i key={at} className={`bar-${bar.kind}`} style={{ left: `min(${percent(bar.from)}, 100% - 3px)`, width: percent(bar.to - bar.from) }} />
      ))}
    </div>
  )
})

export function Ticks({ span }: { span: Span }) {
  const width = span.endMs - span.startMs
  return (
    <div className="ticks" aria-hidden="true">
      {ticksOf(span, 4).map((ms) => (
        <span key={ms} className={ms / width > 0.88 ? 'unseen' : ''} style={{ left: percent(ms / width) }}>{tickLabel(ms)}</span>
      ))}
    </div>
  )
}

export function Legend() {
  return (
    <div className="legend sub" aria-hidden="true">
      <span><i className="bar-queue" /> queue</span>
      <span><i className="bar-ran" /> ran</span>
      <span><i className="bar-failed" /> failed</span>
      <span><i className="bar-backoff" /> back-off</span>
      <span><i className="bar-waiting" /> waiting</span>
    </div>
  )
}
