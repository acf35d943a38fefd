import { useLayoutEffect, useRef } from 'react'

export type Shortcuts = Record<string, () => void>

const CHORD_MS = 1200

/**
 * Listens for single keys (`j`, `?`, `Escape`) and chords (`g h`) while nobody is typing. The newest listener is asked
 * first, and the first that knows a key keeps it. One that is asked `last` knows what every page shares: a page's own
 * meaning of a key wins, whichever of the two was there first.
 */
export function useShortcuts(shortcuts: Shortcuts, asked: 'first' | 'last' = 'first'): void {
  const current = useRef(shortcuts)
  current.current = shortcuts
  // Before the page is painted, so that no key pressed on what is already visible is lost.
  useLayoutEffect(() => {
    const listen = (key: string): boolean => {
      const action = current.current[key]
      action?.()
      return action !== undefined
    }
    if (asked === 'first') listeners.unshift(listen)
    else listeners.push(listen)
    if (listeners.length === 1) document.addEventListener('keydown', onKey)
    return () => {
      listeners.splice(listeners.indexOf(listen), 1)
      if (listeners.length === 0) document.removeEventListener('keydown', onKey)
    }
  }, [asked])
}

const listeners: ((key: string) => boolean)[] = []
let first: { key: string; at: number } | null = null

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || isInDialog(event.target)) return
  const chord = first && event.timeStamp - first.at < CHORD_MS ? `${first.key} ${event.key}` : null
  first = event.key === 'g' && chord === null ? { key: 'g', at: event.timeStamp } : null
  const known = (chord !== null && listeners.some((listen) => listen(chord))) || listeners.some((listen) => listen(event.key))
  if (known) event.preventDefault()
}

/** What stands over the page keeps the keys to itself: Escape closes it, and nothing behind it. */
function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('dialog[open]') !== null
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type)
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

/** Moves the focus over the rows of whatever list is on the page. */
export function moveRowFocus(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('a[data-row]')]
  const at = rows.indexOf(document.activeElement as HTMLElement)
  const next = at < 0 ? rows[0] : rows[Math.min(Math.max(at + step, 0), rows.length - 1)]
  next?.focus()
}

export function focusSearch(): void {
  document.querySelector<HTMLInputElement>('input[data-search]')?.focus()
}
