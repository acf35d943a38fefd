import { useEffect, useRef, useState } from 'react'
import { type EChartsType, init } from './echarts.ts'
import type { Option } from './options.ts'

type Span = { first: number; last: number }
/** A finger or a mouse that moved less than this has clicked. */
const CLICK = 5

/**
 * A drawn chart. What it shows is in its label and in the table that goes with it; dragging over it picks a span of the
 * axis, a click picks one place.
 */
export function Chart(props: { option: Option; label: string; count: number; onSpan?: ((span: Span) => void) | undefined; onPick?: ((at: number) => void) | undefined }) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType>(null)
  useEffect(() => {
    if (!place.current) return
    const made = init(place.current, null, { renderer: 'svg' })
    chart.current = made
    const observer = new ResizeObserver(() => made.resize())
    observer.observe(place.current)
    return () => {
      observer.disconnect()
      made.dispose()
      chart.current = null
    }
  }, [])
  useEffect(() => {
    chart.current?.setOption(props.option, { notMerge: true })
  }, [props.option])
  const { drag, handlers } = useBrush(props.count, chart, props.onSpan, props.onPick)
  return (
    <div className={`chart ${props.onSpan || props.onPick ? 'live' : ''}`} {...handlers}>
      <div className="chart-place" ref={place} role="img" aria-label={props.label} />
      {drag && <div className="chart-brush" style={{ left: Math.min(drag.from, drag.to), width: Math.abs(drag.to - drag.from) }} />}
    </div>
  )
}

function useBrush(count: number, chart: { current: EChartsType | null }, onSpan?: (span: Span) => void, onPick?: (at: number) => void) {
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null)
  const pointOf = (event: React.PointerEvent): number => event.clientX - event.currentTarget.getBoundingClientRect().left
  const indexAt = (x: number): number => {
    const found = chart.current?.convertFromPixel({ xAxisIndex: 0 }, x)
    return Math.min(Math.max(Math.round(typeof found === 'number' ? found : 0), 0), count - 1)
  }
  const finish = (event: React.PointerEvent): void => {
    if (!drag) return
    setDrag(null)
    const to = pointOf(event)
    if (Math.abs(to - drag.from) < CLICK) return onPick?.(indexAt(to))
    const [first, last] = [indexAt(drag.from), indexAt(to)].sort((a, b) => a - b)
    if (first !== undefined && last !== undefined) onSpan?.({ first, last })
  }
  return {
    drag: drag && onSpan && Math.abs(drag.to - drag.from) >= CLICK ? drag : null,
    handlers: {
      onPointerDown: (event: React.PointerEvent) => {
        if (event.button !== 0 || count === 0) return
        const x = pointOf(event)
        // A finger that moves scrolls the page; it picks single places only.
        if (event.pointerType === 'mouse') event.currentTarget.setPointerCapture(event.pointerId)
        setDrag({ from: x, to: x })
      },
      onPointerMove: (event: React.PointerEvent) => drag && setDrag({ from: drag.from, to: pointOf(event) }),
      onPointerUp: finish,
      onPointerCancel: () => setDrag(null),
    },
  }
}
