import { tokenize } from './json-text.ts'

/** The text of a top-level member of a JSON object, digit for digit, without its blanks; null when there is none. */
export function memberOf(text: string, key: string): string | null {
  const tokens = tokenize(text)
  if (tokens?.[0]?.text !== '{') return null
  const name = JSON.stringify(key)
  let depth = 0
  let found: string[] | null = null
  for (const { kind, text: part } of tokens) {
    const ends = kind === 'mark' && depth === 1 && (part === ',' || part === '}')
    if (found && ends) return found.join('')
    if (kind === 'mark' && (part === '}' || part === ']')) depth -= 1
    if (found && !(depth === 1 && part === ':' && found.length === 0)) found.push(part)
    if (kind === 'mark' && (part === '{' || part === '[')) depth += 1
    if (!found && depth === 1 && kind === 'key' && part === name) found = []
  }
  return null
}
