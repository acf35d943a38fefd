/** What an expression may name, as the server tells it from the schemas of earlier nodes. */
export type ExpressionName = { path: string; type: string; origin: string }
type Completion = { label: string; detail: string; type: 'variable' | 'function'; boost: number }

const FUNCTIONS: [name: string, about: string][] = [
  ['size()', 'how many'], ['has()', 'whether it is there'], ['int()', 'as a whole number'], ['double()', 'as a number'], ['string()', 'as a text'],
  ['timestamp()', 'a moment from a text'], ['duration()', 'a length of time from a text'],
]

/** Names first, the nearest before the furthest, then what CEL itself can do. */
export function completionsFor(names: readonly ExpressionName[]): Completion[] {
  const own = names.map((name): Completion => ({ label: name.path, detail: [name.type, name.origin].filter(Boolean).join(' · '), type: 'variable', boost: 10 - depth(name.path) }))
  return [...own, ...FUNCTIONS.map(([label, detail]): Completion => ({ label, detail, type: 'function', boost: -10 }))]
}

const depth = (path: string): number => Math.min(9, path.split('.').length)
