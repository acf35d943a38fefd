import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { Icon } from '../../ui/icon.tsx'
import { Foreign } from '../../ui/text.tsx'
import { found, type Listed } from './pieces.ts'

export const DRAGGED = 'application/x-watchglass-piece'

/** What can be added: dragged onto the canvas, or with Enter or a click after the selected step. */
export function Catalogue(props: { pieces: Listed[]; where: string; isLoading: boolean; onAdd: (piece: Listed) => void }) {
  const [typed, setTyped] = useState('')
  const list = useRef<HTMLDivElement>(null)
  const groups = useMemo(() => found(props.pieces, typed), [props.pieces, typed])
  const move = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])]
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
    const next = buttons[at + (event.key === 'ArrowDown' ? 1 : -1)]
    event.preventDefault()
    if (next) next.focus()
    else if (event.key === 'ArrowUp') document.querySelector<HTMLInputElement>('.catalogue input')?.focus()
  }
  return (
    <nav className="catalogue" aria-label="Components" onKeyDown={move}>
      <label className="field">
        <Icon name="search" />
        <input
          data-search type="search" placeholder="Components" aria-label="Find a component" value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            const first = groups[0]?.[1][0]
            if (event.key === 'Enter' && typed !== '' && first) props.onAdd(first)
          }}
        />
      </label>
      <div ref={list} className="catalogue-list">
        {props.isLoading && <p className="sub">Loading the catalogue …</p>}
        {groups.map(([category, pieces]) => (
          <section key={category} aria-label={category}>
            <h2><Foreign text={category} longest={40} /></h2>
            {pieces.map((piece) => (
              <button
                key={piece.key} type="button" className="piece" title={piece.about} draggable
                onDragStart={(event) => {
                  event.dataTransfer.setData(DRAGGED, piece.key)
                  event.dataTransfer.effectAllowed = 'copy'
                }}
                onClick={() => props.onAdd(piece)}
              >
                <Icon name={piece.icon} />
                <span className="clip"><Foreign text={piece.name} longest={60} /></span>
              </button>
            ))}
          </section>
        ))}
        {groups.length === 0 && <p className="sub">Nothing is called “{typed}”.</p>}
      </div>
      <p className="sub catalogue-foot">A click or Enter adds {props.where}.</p>
    </nav>
  )
}
