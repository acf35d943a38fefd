import { useSyncExternalStore } from 'react'

/** What a person agreed to in this tab, for one connection. */
export type Consent = {
  /** Where values may be sent; when the connection names another address, that is no consent. */
  address: string
  token: string | null
  /** Grows with every answer, so that answers to an older token are not mistaken for answers to this one. */
  turn: number
}

const PREFIX = 'watchglass.codec.'
const listeners = new Set<() => void>()
/** By connection. The tab's own store keeps them over a reload where the browser allows that. */
const known = new Map<string, Consent | null>()

export function useConsent(connectionId: string, address: string | null): Consent | null {
  const consent = useSyncExternalStore(subscribe, () => read(connectionId))
  return consent && consent.address === address ? consent : null
}

export function agree(connectionId: string, address: string, token: string): void {
  write(connectionId, { address, token: token.trim() || null, turn: (read(connectionId)?.turn ?? 0) + 1 })
}

export function withdraw(connectionId: string): void {
  write(connectionId, null)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function read(connectionId: string): Consent | null {
  const found = known.get(connectionId)
  if (found !== undefined) return found
  const stored = fromText(fromTab(PREFIX + connectionId))
  known.set(connectionId, stored)
  return stored
}

function write(connectionId: string, consent: Consent | null): void {
  known.set(connectionId, consent)
  toTab(PREFIX + connectionId, consent && JSON.stringify(consent))
  for (const listener of listeners) listener()
}

function fromText(text: string | null): Consent | null {
  if (text === null) return null
  try {
    const { address, token, turn } = JSON.parse(text) as Partial<Consent>
    if (typeof address !== 'string' || typeof turn !== 'number' || (token !== null && typeof token !== 'string')) return null
    return { address, token, turn }
  } catch {
    return null // written by something else: ask again
  }
}

/** A browser that forbids pages to keep anything throws here; then the consent lasts until the page is loaded again. */
function fromTab(key: string): string | null {
  try {
    return sessionStorage.getItem(key)
  } catch {
    return null
  }
}

function toTab(key: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, text)
  } catch {
    return // it stays in `known`
  }
}
