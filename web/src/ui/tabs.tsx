import { type ReactNode, useId, useRef } from 'react'

/** Tabs inside a panel; their choice is nobody else's business, so it is not in the URL. */
export function InnerTabs<Name extends string>(props: {
  names: readonly Name[]
  chosen: Name
  onChoose: (name: Name) => void
  label: string
  children: ReactNode
}) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const move = (step: number): void => {
    const at = (props.names.indexOf(props.chosen) + step + props.names.length) % props.names.length
    const name = props.names[at]
    if (name !== undefined) props.onChoose(name)
    list.current?.querySelectorAll('button')[at]?.focus()
  }
  return (
    <>
      <div className="tabs inner" role="tablist" aria-label={props.label} ref={list}>
        {props.names.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${name}`}
            aria-selected={name === props.chosen}
            aria-controls={`${id}-panel`}
            tabIndex={name === props.chosen ? 0 : -1}
            onClick={() => props.onChoose(name)}
            onKeyDown={(event) => {
              if (event.key === 'ArrowRight') move(1)
              if (event.key === 'ArrowLeft') move(-1)
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${props.chosen}`}>
        {props.children}
      </div>
    </>
  )
}

/** The tabs of a page, links all of them; on a narrow screen they take as many lines as they need. */
export function PageTabs({ label, children }: { label: string; children: ReactNode }) {
  return <nav className="tabs" aria-label={label}>{children}</nav>
}
