import { Popover } from '@mantine/core'
import { useId, useMemo, useState } from 'react'
import type { Timeline, TimelineBucket } from '../../api/types.ts'
import { runsBehind } from '../../lib/behind.ts'
import { bucketLength, bucketName, bucketTicks } from '../../lib/buckets.ts'
import { formatAxisDuration, formatDuration } from '../../lib/duration.ts'
import { counted, formatCount, formatRate } from '../../lib/figure.ts'
import { fileName } from '../../lib/csv.ts'
import type { ChartName } from '../../lib/statistics-search.ts'
import { Icon } from '../../ui/icon.tsx'
import { ChartPanel, type ChartTable } from '../charts/chart-panel.tsx'
import { barOption, lineOption, type Series } from '../charts/options.ts'
import { type Palette, usePalette } from '../charts/palette.ts'
import { How } from './how.tsx'
import { type RunsOf, useOpenRuns } from './runs-link.tsx'
import { type Scope, useChange } from './use-statistics.ts'

type CountName = 'completedRuns' | 'failedRuns' | 'timedOutRuns' | 'terminatedRuns' | 'cancelledRuns' | 'continuedAsNewRuns' | 'runningRuns' | 'unknownRuns'
type Layer = { key: CountName; name: string; color: keyof Palette; pattern: Series['pattern'] }

const LAYERS: readonly Layer[] = [
  { key: 'completedRuns', name: 'completed', color: 'bar-ok', pattern: 'solid' },
  { key: 'runningRuns', name: 'open', color: 'bar-open', pattern: 'dotted' },
  { key: 'continuedAsNewRuns', name: 'carried on', color: 'bar-wait', pattern: 'striped' },
  { key: 'cancelledRuns', name: 'cancelled', color: 'hatch', pattern: 'striped' },
  { key: 'unknownRuns', name: 'unknown', color: 'mute', pattern: 'dashed' },
  { key: 'terminatedRuns', name: 'stopped by force', color: 'bar-bad', pattern: 'crossed' },
  { key: 'timedOutRuns', name: 'ran out of time', color: 'bar-back', pattern: 'dashed' },
  { key: 'failedRuns', name: 'failed', color: 'bar-bad', pattern: 'hatched' },
]
const RANKS = [
  { key: 'p50DurationMs', name: 'p50', color: 'accent', pattern: 'solid' },
  { key: 'p95DurationMs', name: 'p95', color: 'warn', pattern: 'dashed' },
  { key: 'p99DurationMs', name: 'p99', color: 'mute', pattern: 'dotted' },
] as const

export type ChartsProps = {
  timeline: Timeline
  scope: Scope
  /** Of files. */
  name: string
  /** Whose list of runs a click opens. */
  of: RunsOf
}

export function RunCharts(props: ChartsProps) {
  return (
    <div className="two-charts">
      <Durations {...props} />
      <Runs {...props} />
    </div>
  )
}

function Durations(props: ChartsProps) {
  const { timeline, scope, name } = props
  const palette = usePalette()
  const shared = useShared(props, 'durations')
  const isLog = spreadsFar(timeline.buckets)
  const series = useMemo(() => RANKS.map((rank) => ({ name: rank.name, pattern: rank.pattern, color: palette[rank.color], values: timeline.buckets.map((bucket) => bucket[rank.key]) })), [timeline, palette])
  const option = useMemo(() => {
    return lineOption(shared.axis, series, palette, formatDuration, { marks: marksOf(timeline), isLog, tick: formatAxisDuration })
  }, [shared.axis, series, palette, timeline, isLog])
  const n = timeline.buckets.reduce((sum, bucket) => sum + bucket.durationCount, 0)
  const table: ChartTable = {
    head: ['Started', 'n', 'Average', 'p50', 'p95', 'p99', 'First run of'],
    rows: timeline.buckets.map((bucket, at) => [
      shared.nameOf(at), formatCount(bucket.durationCount), ...[bucket.avgDurationMs, ...RANKS.map((rank) => bucket[rank.key])].map((ms) => (ms === null ? '–' : formatDuration(ms))), marksIn(timeline, at).join(', '),
    ]),
    csv: {
      head: ['start', 'end', 'durations', 'avg_ms', 'p50_ms', 'p95_ms', 'p99_ms', 'first_run_of'],
      rows: timeline.buckets.map((bucket, at) => [bucket.start, bucket.end, bucket.durationCount, bucket.avgDurationMs, bucket.p50DurationMs, bucket.p95DurationMs, bucket.p99DurationMs, marksIn(timeline, at).join(' ')]),
      file: fileName(name, 'durations'),
    },
  }
  return (
    <ChartPanel
      {...shared.panel}
      title="Duration"
      empty={n === 0 ? 'No run has ended yet, so there is no duration to show.' : undefined}
      about={<>{bucketLength(timeline)} · n = {formatCount(n)}{isLog && ' · log scale'}{timeline.percentileError > 0 && ` · ± ${formatRate(timeline.percentileError)}`} <How name="p95DurationMs" label="Duration percentiles" /></>}
      label={`Duration of runs over time, ${counted(timeline.buckets.length, 'part')}: p50, p95 and p99. ${scope.range.label}, ${counted(n, 'closed run')}. “Show as table” has the figures.`}
      option={option}
      legend={series}
      kind="lines"
      table={table}
    />
  )
}

function Runs(props: ChartsProps) {
  const { timeline, scope, name } = props
  const palette = usePalette()
  const shared = useShared(props, 'runs')
  const shown = useMemo(() => LAYERS.filter(({ key }) => key === 'completedRuns' || timeline.buckets.some((bucket) => bucket[key] > 0)), [timeline])
  const series = useMemo(() => shown.map((layer) => ({ name: layer.name, pattern: layer.pattern, color: palette[layer.color], values: timeline.buckets.map((bucket) => bucket[layer.key]) })), [shown, timeline, palette])
  const option = useMemo(() => barOption(shared.axis, series, palette, formatCount), [shared.axis, series, palette])
  const [total, errors] = [sumOf(timeline, 'totalRuns'), sumOf(timeline, 'errorCount')]
  const table: ChartTable = {
    head: ['Started', 'Runs', ...shown.map((layer) => layer.name), 'Success rate'],
    rows: timeline.buckets.map((bucket, at) => [
      shared.nameOf(at), formatCount(bucket.totalRuns), ...shown.map((layer) => formatCount(bucket[layer.key])), bucket.successRate === null ? '–' : formatRate(bucket.successRate),
    ]),
    csv: {
      head: ['start', 'end', 'runs', ...LAYERS.map((layer) => layer.name.replaceAll(' ', '_')), 'errors', 'success_rate'],
      rows: timeline.buckets.map((bucket) => [bucket.start, bucket.end, bucket.totalRuns, ...LAYERS.map((layer) => bucket[layer.key]), bucket.errorCount, bucket.successRate]),
      file: fileName(name, 'runs'),
    },
  }
  return (
    <ChartPanel
      {...shared.panel}
      title="Runs"
      about={<>{bucketLength(timeline)} <How name="totalRuns" /></>}
      label={`Runs by status over time, ${counted(timeline.buckets.length, 'part')}. ${scope.range.label}: ${counted(total, 'run')}, ${counted(errors, 'error')}. “Show as table” has the figures.`}
      option={option}
      legend={series}
      kind="bars"
      table={table}
    />
  )
}

/** What both charts have in common: their axis, what a span and a click do, and which of the two is a table. */
function useShared({ timeline, scope, of }: ChartsProps, chart: ChartName) {
  const change = useChange()
  const openRuns = useOpenRuns(of)
  const tables = scope.search.tables ?? []
  const axis = useMemo(() => ({
    ticks: bucketTicks(timeline.buckets, timeline.step),
    names: timeline.buckets.map((bucket) => bucketName(bucket, timeline.step)),
  }), [timeline])
  const zoom = ({ first, last }: { first: number; last: number }): void => {
    const [from, to] = [timeline.buckets[first]?.start, timeline.buckets[last]?.end]
    if (from && to) change({ from: exact(from), to: exact(to), last: undefined })
  }
  const open = (at: number): void => {
    const bucket = timeline.buckets[at]
    if (bucket) openRuns(runsBehind(scope.search, {}, { from: exact(bucket.start), to: exact(bucket.end) }))
  }
  const nameOf = (at: number) => <button type="button" className="plain" onClick={() => open(at)}>{axis.names[at]}</button>
  return {
    axis,
    nameOf,
    panel: {
      count: timeline.buckets.length,
      asTable: tables.includes(chart),
      onAsTable: (asTable: boolean) => {
        const next = [...tables.filter((one) => one !== chart), ...(asTable ? [chart] : [])]
        change({ tables: next.length > 0 ? next : undefined })
      },
      onSpan: zoom,
      onPick: open,
      actions: <Zoom names={axis.names} onSpan={zoom} />,
    },
  }
}

/** The brush for those who do not drag: two ends, chosen from lists. */
function Zoom({ names, onSpan }: { names: readonly string[]; onSpan: (span: { first: number; last: number }) => void }) {
  const id = useId()
  const [opened, setOpened] = useState(false)
  const [first, setFirst] = useState(0)
  const [last, setLast] = useState(names.length - 1)
  const end = Math.min(Math.max(last, first), names.length - 1)
  const options = names.map((name, at) => <option key={at} value={at}>{name}</option>)
  if (names.length < 2) return null
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" withinPortal trapFocus>
      <Popover.Target>
        <button type="button" className="bare" aria-label="Zoom in on a part of the time" title="Zoom in (or drag over the chart)" onClick={() => setOpened(!opened)}><Icon name="zoom" /></button>
      </Popover.Target>
      <Popover.Dropdown>
        <form className="window-form" onSubmit={(event) => { event.preventDefault(); setOpened(false); onSpan({ first, last: end }) }}>
          <label htmlFor={`${id}-from`}>From</label>
          <select id={`${id}-from`} value={Math.min(first, names.length - 1)} onChange={(event) => setFirst(Number(event.target.value))}>{options}</select>
          <label htmlFor={`${id}-to`}>to the end of</label>
          <select id={`${id}-to`} value={end} onChange={(event) => setLast(Number(event.target.value))}>{options.slice(first)}</select>
          <button type="submit" className="button">Show this part</button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}

/** Where one bucket is a hundred times another, a straight scale shows the largest alone. A logarithm has no zero. */
function spreadsFar(buckets: readonly TimelineBucket[]): boolean {
  const all = buckets.flatMap((bucket) => RANKS.map((rank) => bucket[rank.key])).filter((ms) => ms !== null)
  const least = Math.min(...all)
  return all.length > 0 && least > 0 && Math.max(...all) / least > 100
}

function bucketOf(buckets: readonly TimelineBucket[], at: string): number {
  const time = Date.parse(at)
  return Math.max(buckets.findIndex((bucket) => time < Date.parse(bucket.end)), 0)
}

/** One mark a bucket: where several versions began in one, how many. */
function marksOf(timeline: Timeline): { at: number; label: string }[] {
  const places = [...new Set(timeline.marks.map((mark) => bucketOf(timeline.buckets, mark.at)))]
  return places.map((at) => {
    const labels = marksIn(timeline, at)
    return { at, label: labels.length === 1 ? (labels[0] ?? '') : `${labels.length} versions` }
  })
}

const marksIn = (timeline: Timeline, at: number): string[] => timeline.marks.filter((mark) => bucketOf(timeline.buckets, mark.at) === at).map((mark) => mark.label)
const sumOf = (timeline: Timeline, key: 'totalRuns' | 'errorCount'): number => timeline.buckets.reduce((sum, bucket) => sum + bucket[key], 0)
/** As the address and the server write it, to the millisecond. */
const exact = (iso: string): string => new Date(iso).toISOString()
