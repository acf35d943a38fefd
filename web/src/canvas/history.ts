/** What was, is, and was taken back. Changes with the same `key` in a row count as one: typing in a field, a drag. */
export type History<T> = { past: readonly T[]; present: T; future: readonly T[]; key: string | null }

const LONGEST = 200

export const begin = <T>(present: T): History<T> => ({ past: [], present, future: [], key: null })

export function push<T>(history: History<T>, present: T, key: string | null = null): History<T> {
  if (present === history.present) return history
  if (key !== null && key === history.key && history.past.length > 0) return { ...history, present, future: [] }
  return { past: [...history.past, history.present].slice(-LONGEST), present, future: [], key }
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1)
  if (before === undefined) return history
  return { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future], key: null }
}

export function redo<T>(history: History<T>): History<T> {
  const [after, ...future] = history.future
  if (after === undefined) return history
  return { past: [...history.past, history.present], present: after, future, key: null }
}

/** Ends a series of changes that count as one. */
export const seal = <T>(history: History<T>): History<T> => (history.key === null ? history : { ...history, key: null })
