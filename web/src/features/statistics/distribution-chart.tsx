import { useMemo } from 'react'
import type { Distribution } from '../../api/types.ts'
import { runsBehind } from '../../lib/behind.ts'
import { fileName } from '../../lib/csv.ts'
import { formatAxisDuration, formatEdge } from '../../lib/duration.ts'
import { counted, formatCount, formatRate, formatShare } from '../../lib/figure.ts'
import { ChartPanel } from '../charts/chart-panel.tsx'
import { barOption } from '../charts/options.ts'
import { usePalette } from '../charts/palette.ts'
import { How } from './how.tsx'
import { type RunsOf, useOpenRuns } from './runs-link.tsx'
import { type Scope, useChange } from './use-statistics.ts'

/** How the durations are spread, in bins that grow with them. */
export function DistributionChart({ found, scope, name, of }: { found: Distribution; scope: Scope; name: string; of: RunsOf }) {
  const palette = usePalette()
  const change = useChange()
  const openRuns = useOpenRuns(of)
  const tables = scope.search.tables ?? []
  const names = useMemo(() => found.bins.map((bin) => `${formatEdge(bin.fromMs)} – ${formatEdge(bin.toMs)}`), [found])
  const option = useMemo(() => {
    const axis = { ticks: found.bins.map((bin) => formatAxisDuration(bin.fromMs)), names }
    return barOption(axis, [{ name: 'runs', values: found.bins.map((bin) => bin.count), color: palette.accent, pattern: 'solid' }], palette, formatCount, true)
  }, [found, names, palette])
  const open = (at: number): void => {
    const bin = found.bins[at]
    if (bin) openRuns(runsBehind(scope.search, scope.range.window, { minDurationMs: bin.fromMs, maxDurationMs: bin.toMs, sort: 'durationMs' }))
  }
  return (
    <ChartPanel
      title="How long runs take"
      about={<>n = {formatCount(found.count)}{found.percentileError > 0 && ` · ± ${formatRate(found.percentileError)}`} <How name="durationCount" label="How long runs take" note="Each bar spans more time than the one before, by about the same factor." /></>}
      label={`How the durations of ${counted(found.count, 'closed run')} are spread, from ${formatEdge(found.bins[0]?.fromMs ?? 0)} to ${formatEdge(found.bins.at(-1)?.toMs ?? 0)}. “Show as table” has the figures.`}
      option={option}
      legend={[]}
      kind="bars"
      count={found.bins.length}
      asTable={tables.includes('distribution')}
      onAsTable={(asTable) => {
        const next = [...tables.filter((one) => one !== 'distribution'), ...(asTable ? ['distribution'] : [])]
        change({ tables: next.length > 0 ? next : undefined })
      }}
      onPick={open}
      table={{
        head: ['Took', 'Runs', 'Share'],
        rows: found.bins.map((bin, at) => [<button key={at} type="button" className="plain" onClick={() => open(at)}>{names[at]}</button>, formatCount(bin.count), formatShare(bin.count / found.count)]),
        csv: { head: ['from_ms', 'to_ms', 'runs'], rows: found.bins.map((bin) => [bin.fromMs, bin.toMs, bin.count]), file: fileName(name, 'distribution') },
      }}
    />
  )
}
