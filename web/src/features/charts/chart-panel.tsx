import { lazy, type ReactNode, Suspense } from 'react'
import { toCsv } from '../../lib/csv.ts'
import { Icon } from '../../ui/icon.tsx'
import { Bone } from '../../ui/states.tsx'
import { saveFile } from '../save-file.ts'
import type { Option, Series } from './options.ts'

const Chart = lazy(() => import('./chart.tsx').then((module) => ({ default: module.Chart })))

type Cell = string | number | null
export type ChartTable = {
  head: readonly string[]
  /** What a person reads; the first cell names the row. */
  rows: readonly (readonly ReactNode[])[]
  /** The same as bare numbers. */
  csv: { head: readonly string[]; rows: readonly (readonly Cell[])[]; file: string }
}

/** A chart with its legend, its table and its data: nothing is told by the drawing alone. */
export function ChartPanel(props: {
  title: string
  about?: ReactNode
  label: string
  option: Option
  legend: readonly Pick<Series, 'name' | 'pattern' | 'color'>[]
  kind: 'bars' | 'lines'
  table: ChartTable
  asTable: boolean
  onAsTable: (asTable: boolean) => void
  count: number
  /** Said instead of the chart where there is nothing to draw. */
  empty?: string | undefined
  actions?: ReactNode
  onSpan?: (span: { first: number; last: number }) => void
  onPick?: (at: number) => void
}) {
  const { csv } = props.table
  return (
    <section className="panel chart-panel" aria-label={props.title}>
      <div className="panel-title chart-title">
        <h2>{props.title}</h2>
        {props.about && <span className="sub chart-about">{props.about}</span>}
        <span className="grow" />
        {props.actions}
        <button type="button" className="plain sub tap" aria-pressed={props.asTable} onClick={() => props.onAsTable(!props.asTable)}>{props.asTable ? 'Show as chart' : 'Show as table'}</button>
        <button type="button" className="bare" aria-label={`Download “${props.title}” as CSV`} title="Download as CSV" onClick={() => saveFile({ fileName: csv.file, text: toCsv(csv.head, csv.rows), type: 'text/csv;charset=utf-8' })}><Icon name="download" /></button>
      </div>
      {props.asTable ? <DataTable title={props.title} table={props.table} /> : (
        <>
          {props.legend.length > 0 && !props.empty && <Legend series={props.legend} kind={props.kind} />}
          {props.empty ? <p className="chart chart-empty sub">{props.empty}</p> : <Suspense fallback={<div className="chart"><Bone width="100%" height={180} /></div>}>
            <Chart option={props.option} label={props.label} count={props.count} onSpan={props.onSpan} onPick={props.onPick} />
          </Suspense>}
        </>
      )}
    </section>
  )
}

function DataTable({ title, table }: { title: string; table: ChartTable }) {
  return (
    <div className="chart-table" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
      <table>
        <thead><tr>{table.head.map((cell, at) => <th key={cell} scope="col" className={at > 0 ? 'num' : ''}>{cell}</th>)}</tr></thead>
        <tbody>
          {table.rows.map((row, number) => (
            <tr key={number}>{row.map((cell, at) => (at === 0 ? <th key={at} scope="row">{cell}</th> : <td key={at} className="num">{cell}</td>))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Legend({ series, kind }: { series: readonly Pick<Series, 'name' | 'pattern' | 'color'>[]; kind: 'bars' | 'lines' }) {
  return (
    <ul className="chart-legend sub">
      {series.map((one, at) => (
        <li key={one.name}>
          <svg width="18" height="12" viewBox="0 0 18 12" aria-hidden="true">{kind === 'lines' ? <LineSwatch series={one} at={at} /> : <BarSwatch series={one} />}</svg>
          {one.name}
        </li>
      ))}
    </ul>
  )
}

type Swatch = { series: Pick<Series, 'pattern' | 'color'> }
const DASHES: Partial<Record<Series['pattern'], string>> = { dashed: '5 3', dotted: '1.5 2.5' }

function LineSwatch({ series, at }: Swatch & { at: number }) {
  return (
    <>
      <path d="M0 6h18" stroke={series.color} strokeWidth="2" strokeDasharray={DASHES[series.pattern]} />
      {at % 3 === 0 && <circle cx="9" cy="6" r="3" fill={series.color} />}
      {at % 3 === 1 && <path d="M9 2.5L12.5 8.8H5.5z" fill={series.color} />}
      {at % 3 === 2 && <path d="M9 2.5L12.5 6 9 9.5 5.5 6z" fill={series.color} />}
    </>
  )
}

const STROKES: Partial<Record<Series['pattern'], string>> = {
  hatched: 'M-2 8l10-10M1 13l14-14M8 14l12-12',
  crossed: 'M-2 4l12 12M3 -2l14 14M10-2l10 10',
  striped: 'M0 3h18M0 6.5h18M0 10h18',
  dashed: 'M2 4h5M10 4h5M2 8h5M10 8h5',
  dotted: 'M4 4h.01M9 8h.01M14 4h.01M4 10h.01M14 10h.01',
}

function BarSwatch({ series }: Swatch) {
  return (
    <>
      <rect x="1" y="1" width="16" height="10" rx="2" fill={series.color} />
      <path d={STROKES[series.pattern] ?? ''} stroke="var(--panel)" strokeWidth={series.pattern === 'dotted' ? 2.5 : 1.5} strokeLinecap={series.pattern === 'dotted' ? 'round' : 'butt'} fill="none" />
    </>
  )
}
