import type { ReactNode } from 'react'
import { isNotFound } from '../api/client.ts'
import { Icon } from './icon.tsx'

/** A grey bar of the size of what will stand there. */
export function Bone({ width, height }: { width: number | string; height?: number }) {
  return <span className="skeleton" style={{ width, height }} aria-hidden="true" />
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="panel empty">
      <h2>{title}</h2>
      {children}
    </div>
  )
}

/** What went wrong, and what to do about it. `what` is what was asked for: `this run`. */
export function Problem({ error, what, retry }: { error: unknown; what: string; retry?: () => void }) {
  const missing = isNotFound(error)
  return (
    <div className="panel empty" role="alert">
      <h2>{missing ? `There is no such thing as ${what} here` : `Could not load ${what}`}</h2>
      <p>
        {missing
          ? 'It does not exist, or it belongs to a project that you are not a member of. Check the address.'
          : messageOf(error)}
      </p>
      {!missing && retry && (
        <button type="button" className="button" onClick={retry}>
          <Icon name="retry" /> Try again
        </button>
      )}
    </div>
  )
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error) || error.message === 'Failed to fetch') {
    return 'Watchglass did not answer. Check that it is still running; this page tries again by itself.'
  }
  if (error.message === 'Internal server error') return 'Something broke inside Watchglass; its log says what. Try again, and report it when it stays.'
  return error.message
}
