import type { Json } from '../api/types.ts'
import type { Node } from './graph.ts'

/** A value in a graph is an expression when it is a text that begins with `=`; one that shall begin with `=` has two. */
export const isExpression = (value: Json | undefined): value is string => typeof value === 'string' && value.startsWith('=') && !value.startsWith('==')
export const expressionIn = (value: string): string => value.slice(1)
export const toExpression = (text: string): string => `=${text}`
export const textIn = (value: string): string => (value.startsWith('==') ? value.slice(1) : value)
export const toText = (text: string): string => (text.startsWith('=') ? `=${text}` : text)

/** How a node is named in an expression: `nodes.` and the id with `_` for `-`. */
export const nameInExpressions = (id: string): string => id.replaceAll('-', '_')

/** The node with every expression in it changed by `change`. */
export function mapExpressions(node: Node, change: (expression: string) => string): Node {
  const value = (json: Json): Json => {
    if (isExpression(json)) return toExpression(change(expressionIn(json)))
    if (Array.isArray(json)) return json.map(value)
    if (json !== null && typeof json === 'object') return object(json)
    return json
  }
  const object = (json: Record<string, Json>): Record<string, Json> => Object.fromEntries(Object.entries(json).map(([name, one]) => [name, value(one)]))
  switch (node.kind) {
    case 'activity':
      return { ...node, input: object(node.input) }
    case 'workflow':
      return { ...node, input: value(node.input) }
    case 'branch':
      return { ...node, cases: node.cases.map((one) => ({ ...one, when: change(one.when) })) }
    case 'for_each':
      return { ...node, items: change(node.items), result: node.result === null ? null : change(node.result) }
    case 'wait':
      return { ...node, seconds: typeof node.seconds === 'string' ? change(node.seconds) : node.seconds, until: node.until === null ? null : change(node.until) }
    case 'approval':
      return { ...node, question: value(node.question) }
    case 'set':
      return { ...node, values: object(node.values) }
    case 'end':
      return { ...node, result: value(node.result), message: value(node.message) }
    default:
      return node
  }
}

/** The expression with other node ids: after nodes were copied, what they say of each other goes for the copies. */
export function renameReferences(expression: string, ids: ReadonlyMap<string, string>): string {
  const names = new Map([...ids].map(([from, to]) => [nameInExpressions(from), nameInExpressions(to)]))
  return expression.replace(/\b(nodes|errors|loops)\.([a-z][a-z0-9_]*)/g, (whole, room: string, name: string) => {
    const other = names.get(name)
    return other === undefined ? whole : `${room}.${other}`
  })
}
