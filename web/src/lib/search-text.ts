import { parseSearchWith, stringifySearchWith } from '@tanstack/react-router'

/**
 * Words of an address read without loss: what JSON.parse would make another number of, like 1e130000 or 9007199254740993, stays text,
 * so that an address says the same after it has been read.
 */
function parse(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (typeof value === 'number' && String(value) !== text) throw new SyntaxError(`${text} is no number that comes back the same.`)
  return value
}

export const parseSearch = parseSearchWith(parse)
export const stringifySearch = stringifySearchWith(JSON.stringify, parse)

/**
 * What a page reads of its address, and nothing else: the router lays what it read over all that stands there, so that
 * what a page does not take from it would reach it as it came.
 */
export function only<Search extends object>(read: (search: Record<string, unknown>) => Search): (search: Record<string, unknown>) => Search {
  return (search) => ({ ...Object.fromEntries(Object.keys(search).map((name) => [name, undefined])), ...read(search) })
}
