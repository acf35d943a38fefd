import { Popover } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { formatMoment } from '../../lib/moment.ts'
import { PRESETS, readTime, type TimeWindow, windowSince } from '../../lib/window.ts'
import { Icon } from '../../ui/icon.tsx'

/** Which runs count: those that started in a window, kept in the address. */
export function WindowMenu({ window: chosen }: { window: TimeWindow }) {
  const [open, setOpen] = useState(false)
  const navigate = useNavigate()
  const choose = (next: TimeWindow): void => {
    setOpen(false)
    void navigate({ to: '.', search: next })
  }
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" withinPortal>
      <Popover.Target>
        <button type="button" className={`button ${chosen.from || chosen.to ? 'on' : ''}`} onClick={() => setOpen(!open)}>
          {labelOf(chosen)} <Icon name="down" />
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="window-form">
          <button type="button" className="choice" onClick={() => choose({})}>All time</button>
          {PRESETS.map((preset) => (
            <button key={preset.label} type="button" className="choice" onClick={() => choose(windowSince(preset.ms, Date.now()))}>{preset.label}</button>
          ))}
          <Ends window={chosen} onChoose={choose} />
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

function Ends({ window: chosen, onChoose }: { window: TimeWindow; onChoose: (next: TimeWindow) => void }) {
  const [from, setFrom] = useState(localInput(chosen.from))
  const [to, setTo] = useState(localInput(chosen.to))
  const isBackwards = from !== '' && to !== '' && from > to
  const next = { ...(readTime(from) && { from: readTime(from) }), ...(readTime(to) && { to: readTime(to) }) } as TimeWindow
  return (
    <form className="window-form" onSubmit={(event) => { event.preventDefault(); if (!isBackwards) onChoose(next) }}>
      <label>Started from<input type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} /></label>
      <label>before<input type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} /></label>
      {isBackwards && <span className="sub bad-text" role="alert">The end is before the start.</span>}
      <button type="submit" className="button" disabled={isBackwards}>Show this window</button>
    </form>
  )
}

function labelOf({ from, to }: TimeWindow): string {
  if (from && to) return `${formatMoment(from)} to ${formatMoment(to)}`
  if (from) return `Since ${formatMoment(from)}`
  return to ? `Before ${formatMoment(to)}` : 'All time'
}

/** What `datetime-local` wants: the wall clock here, without a zone. */
function localInput(iso: string | undefined): string {
  if (!iso) return ''
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
