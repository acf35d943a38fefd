import { useRouterState } from '@tanstack/react-router'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'

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

/** The tabs of a page, links all of them, in one line: where it is too short they scroll, and fade where there are more. */
export function PageTabs({ label, children }: { label: string; children: ReactNode }) {
  const strip = useRef<HTMLElement>(null)
  const [more, setMore] = useState('')
  const path = useRouterState({ select: ({ location }) => location.pathname })
  useEffect(() => {
    const place = strip.current
    if (!place) return
    const look = (): void => {
      const rest = place.scrollWidth - place.clientWidth - place.scrollLeft
      setMore(`${place.scrollLeft > 1 ? 'before ' : ''}${rest > 1 ? 'after' : ''}`)
    }
    const observer = new ResizeObserver(look)
    for (const each of [place, ...place.children]) observer.observe(each)
    place.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      place.removeEventListener('scroll', look)
    }
  }, [children])
  useEffect(() => {
    const place = strip.current
    if (!place) return
    const centre = (): void => {
      const here = place.querySelector<HTMLElement>('[aria-current]')
      if (here) place.scrollLeft = here.offsetLeft - (place.clientWidth - here.offsetWidth) / 2
    }
    centre()
    // Which one it is may be known later than the tabs, and some of them come later.
    const observer = new MutationObserver(centre)
    observer.observe(place, { subtree: true, childList: true, attributeFilter: ['aria-current'] })
    return () => observer.disconnect()
  }, [path])
  return <nav className="tabs strip" aria-label={label} data-more={more} ref={strip}>{children}</nav>
}
