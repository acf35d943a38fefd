import { Popover } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import type { VersionLine } from '../../api/types.ts'
import { formatCount } from '../../lib/figure.ts'
import { LAST_NAMES, LASTS, type Last, type Range, USUAL } from '../../lib/range.ts'
import type { StatisticsSearch } from '../../lib/statistics-search.ts'
import { readTime, type TimeWindow } from '../../lib/window.ts'
import { Icon } from '../../ui/icon.tsx'
import { Id } from '../../ui/text.tsx'
import { type Scope, timeZone, useChange } from './use-statistics.ts'

/** What is shown, beside the title: the time, the comparison, the version, and whether sub-workflows count. */
export function Menus({ scope, workflowId }: { scope: Scope; workflowId?: string }) {
  const change = useChange()
  const { search, range } = scope
  const compares = search.compare !== false
  return (
    <>
      <RangeMenu search={search} range={range} />
      {range.before && (
        <button type="button" className={`button ${compares ? 'on' : ''}`} aria-pressed={compares} title={`Compare with ${range.beforeLabel}`} onClick={() => change({ compare: compares ? false : undefined })}>
          {compares && <Icon name="check" />} vs. {range.beforeLabel}
        </button>
      )}
      {workflowId && <VersionMenu workflowId={workflowId} scope={scope} />}
      <button type="button" className={`button ${search.children ? '' : 'on'}`} aria-pressed={!search.children} title="Leave out runs that other runs started" onClick={() => change({ children: search.children ? undefined : true })}>
        {!search.children && <Icon name="check" />} Without sub-workflows
      </button>
    </>
  )
}

/** Which runs count: those that started in a range, kept in the address. */
export function RangeMenu({ search, range }: { search: StatisticsSearch; range: Range }) {
  const [open, setOpen] = useState(false)
  const change = useChange()
  const choose = (next: TimeWindow & { last?: Last | undefined }): void => {
    setOpen(false)
    change({ from: next.from, to: next.to, last: next.last })
  }
  const isOwn = search.from !== undefined || search.to !== undefined
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" withinPortal trapFocus>
      <Popover.Target>
        <button type="button" className="button on" onClick={() => setOpen(!open)} title="Which runs count: those that started then">
          {range.label} <Icon name="down" />
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="window-form" role="group" aria-label="Runs that started">
          {LAST_NAMES.map((last) => (
            <button key={last} type="button" className="choice" aria-pressed={!isOwn && (search.last ?? USUAL) === last} onClick={() => choose({ last: last === USUAL ? undefined : last })}>
              <span className="tick">{!isOwn && (search.last ?? USUAL) === last && <Icon name="check" />}</span>
              {last === 'all' ? 'All time' : LASTS[last].label}
            </button>
          ))}
          <Ends window={search} onChoose={choose} />
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

function Ends({ window: chosen, onChoose }: { window: TimeWindow; onChoose: (next: TimeWindow) => void }) {
  const [from, setFrom] = useState(localInput(chosen.from))
  const [to, setTo] = useState(localInput(chosen.to))
  const isBackwards = from !== '' && to !== '' && from > to
  const isNothing = from === '' && to === ''
  const next = { ...(readTime(from) && { from: readTime(from) }), ...(readTime(to) && { to: readTime(to) }) } as TimeWindow
  return (
    <form className="window-form own" onSubmit={(event) => { event.preventDefault(); if (!isBackwards && !isNothing) onChoose(next) }}>
      <label>Started from<input type="datetime-local" max="2999-12-31T23:59" value={from} onChange={(event) => setFrom(event.target.value)} /></label>
      <label>before<input type="datetime-local" max="2999-12-31T23:59" value={to} onChange={(event) => setTo(event.target.value)} /></label>
      {isBackwards && <span className="sub bad-text" role="alert">The end is before the start.</span>}
      <button type="submit" className="button" disabled={isBackwards || isNothing}>Show this range</button>
      <span className="sub">Times are in {timeZone}.</span>
    </form>
  )
}

function VersionMenu({ workflowId, scope }: { workflowId: string; scope: Scope }) {
  const change = useChange()
  const { version: _, ...everything } = scope.asked
  const versions = useQuery({ ...api.statistics.versions.queryOptions({ workflowId, ...everything }, { staleTime: 30_000 }), enabled: scope.range.fault === null })
  const { search } = scope
  const chosen = search.version !== undefined || search.deployment !== undefined || search.buildId !== undefined
  const items = versions.data?.items ?? []
  if (items.length < 2 && !chosen) return null
  const isChosen = (line: VersionLine): boolean => line.version !== null ? search.version === line.version : search.buildId === (line.buildId ?? '') && search.deployment === (line.deployment ?? '')
  const label = search.version !== undefined ? `v${search.version}` : chosen ? `${search.deployment ?? ''} ${search.buildId ?? ''}`.trim() || 'No version known' : 'All versions'
  return (
    <Popover position="bottom-end" shadow="md" withinPortal>
      <Popover.Target>
        <button type="button" className={`button ${chosen ? 'on' : ''}`}><span className="clip version-label">{label}</span> <Icon name="down" /></button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="window-form scroll" role="group" aria-label="Versions">
          <button type="button" className="choice" aria-pressed={!chosen} onClick={() => change({ version: undefined, deployment: undefined, buildId: undefined })}>
            <span className="tick">{!chosen && <Icon name="check" />}</span>All versions
          </button>
          {items.map((line) => (
            <button key={keyOf(line)} type="button" className="choice" aria-pressed={isChosen(line)} onClick={() => change(searchOf(line))}>
              <span className="tick">{isChosen(line) && <Icon name="check" />}</span>
              {line.label ? <Id text={line.label} longest={40} /> : 'No version known'}
              <span className="grow" /><span className="sub">{formatCount(line.totalRuns)}</span>
            </button>
          ))}
          {(versions.data?.other ?? 0) > 0 && <span className="sub">and {formatCount(versions.data?.other ?? 0)} older ones</span>}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

export const keyOf = (line: VersionLine): string => `${line.version} ${line.deployment} ${line.buildId}`

/** What the address says to look at one version alone. */
export function searchOf(line: VersionLine): Partial<StatisticsSearch> {
  if (line.version !== null) return { version: line.version }
  return { deployment: line.deployment ?? '', buildId: line.buildId ?? '' }
}

/** What `datetime-local` wants: the wall clock here, without a zone. */
function localInput(iso: string | undefined): string {
  if (!iso) return ''
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
