import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts'
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components'
import type { ComposeOption } from 'echarts/core'
import type { Palette } from './palette.ts'

export type Option = ComposeOption<BarSeriesOption | LineSeriesOption | GridComponentOption | TooltipComponentOption>

/** One line, or one layer of bars. `null` is a gap, never a zero. */
export type Series = {
  name: string
  values: readonly (number | null)[]
  color: string
  /** Bars: what is drawn over the colour. Lines: how they are dashed. Colour never stands alone. */
  pattern: Pattern
}
export type Pattern = 'solid' | 'hatched' | 'crossed' | 'dotted' | 'striped' | 'dashed' | 'hollow'

export type Axis = {
  ticks: readonly string[]
  /** What the tooltip calls each of them. */
  names: readonly string[]
}
type Value = (value: number) => string
type Marks = readonly { at: number; label: string }[]

const FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

/** Bars on top of each other. */
export function barOption(axis: Axis, series: readonly Series[], palette: Palette, format: Value, narrowGaps = false): Option {
  return {
    ...frame(axis, palette, format, series),
    series: series.map((one) => ({
      type: 'bar',
      name: one.name,
      stack: 'all',
      data: [...one.values],
      barCategoryGap: narrowGaps ? '8%' : '24%',
      barMaxWidth: 48,
      cursor: 'pointer',
      itemStyle: { color: one.color, ...decalOf(one.pattern, palette) },
      emphasis: { disabled: true },
    })),
  }
}

/** Lines that break where there is nothing; every point is drawn, because it may stand alone. */
export function lineOption(axis: Axis, series: readonly Series[], palette: Palette, format: Value, { marks, isLog, tick }: { marks: Marks; isLog: boolean; tick: Value }): Option {
  const base = frame(axis, palette, format, series, tick)
  return {
    ...base,
    yAxis: { ...base.yAxis, ...(isLog && { type: 'log' as const }) } as Option['yAxis'],
    series: series.map((one, at) => ({
      type: 'line',
      name: one.name,
      data: [...one.values],
      symbol: SYMBOLS[at % SYMBOLS.length],
      symbolSize: axis.ticks.length > 60 ? 4 : 6,
      showAllSymbol: true,
      connectNulls: false,
      lineStyle: { color: one.color, width: 2, type: one.pattern === 'dashed' ? [7, 4] : one.pattern === 'dotted' ? [2, 3] : 'solid' },
      itemStyle: { color: one.color },
      emphasis: { disabled: true },
      ...(at === 0 && marks.length > 0 && { markLine: markLine(marks, axis.ticks.length, palette) }),
    })),
  }
}

const SYMBOLS = ['circle', 'triangle', 'diamond']
/** More labels than these would lie on each other; the table names them all. */
const MOST_LABELS = 6

function markLine(marks: Marks, count: number, palette: Palette): LineSeriesOption['markLine'] {
  return {
    silent: true,
    symbol: 'none',
    animation: false,
    lineStyle: { color: palette.ink3, type: [3, 3], width: 1 },
    data: marks.map(({ at, label }) => ({
      xAxis: at,
      label: { show: marks.length <= MOST_LABELS, formatter: label.length > 18 ? `${label.slice(0, 17)}…` : label, color: palette.ink2, fontSize: 11, fontFamily: FONT, position: 'end' as const, distance: 4, align: sideOf(at / count) },
    })),
  }
}

/** Where a label hangs on its line, so that none is cut off at an end. */
function sideOf(place: number): 'left' | 'center' | 'right' {
  if (place < 0.2) return 'left'
  return place > 0.8 ? 'right' : 'center'
}

function frame(axis: Axis, palette: Palette, format: Value, series: readonly Series[], tick: Value = format): Option {
  const text = { color: palette.ink3, fontSize: 11, fontFamily: FONT }
  return {
    animation: false,
    grid: { left: 4, right: 12, top: 22, bottom: 4, containLabel: true },
    xAxis: {
      type: 'category',
      data: [...axis.ticks],
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: { ...text, hideOverlap: true, margin: 10, ...(axis.ticks.includes('') && { interval: (at: number) => axis.ticks[at] !== '' }) },
      axisPointer: { type: 'shadow', shadowStyle: { color: palette.ink, opacity: 0.06 }, label: { show: false } },
    },
    yAxis: {
      type: 'value',
      splitNumber: 4,
      minInterval: 1, // no part of a run, and no part of a millisecond
      splitLine: { lineStyle: { color: palette.line2 } },
      axisLabel: { ...text, formatter: tick },
    },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText', // an HTML tooltip would be markup written by a script, which the page's policy refuses
      confine: true,
      transitionDuration: 0,
      backgroundColor: palette.panel,
      borderColor: palette.line,
      padding: [8, 10],
      textStyle: { color: palette.ink, fontSize: 12, fontFamily: FONT, lineHeight: 18 },
      formatter: (params) => {
        const at = (Array.isArray(params) ? params[0] : params)?.dataIndex ?? 0
        const lines = series.flatMap((one) => {
          const value = one.values[at]
          return value === null || value === undefined || (value === 0 && series.length > 3) ? [] : [`${one.name}  ${format(value)}`]
        })
        return [axis.names[at] ?? '', ...(lines.length > 0 ? lines : ['nothing'])].join('\n')
      },
    },
  }
}

function decalOf(pattern: Pattern, palette: Palette): { decal?: object; borderColor?: string; borderWidth?: number } {
  const ink = { color: palette.panel, dashArrayX: [1, 0], rotation: -Math.PI / 4 }
  switch (pattern) {
    case 'hatched':
      return { decal: { ...ink, dashArrayY: [2, 4] } }
    case 'striped':
      return { decal: { ...ink, dashArrayY: [2, 3], rotation: 0 } }
    case 'crossed':
      return { decal: { ...ink, dashArrayY: [2, 4], rotation: Math.PI / 4 } }
    case 'dotted':
      return { decal: { ...ink, symbol: 'circle', symbolSize: 0.6, dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], rotation: 0 } }
    case 'dashed':
      return { decal: { ...ink, dashArrayX: [6, 3], dashArrayY: [2, 4], rotation: 0 } }
    default:
      return {}
  }
}
