import { type Graph, titleOf } from './graph.ts'

/** What one graph has that the other has not, in words. */
export type Difference = { kind: 'added' | 'removed' | 'changed'; what: string }

/** What is different in `theirs`, seen from `mine`. Where nodes stand does not count. */
export function compare(mine: Graph, theirs: Graph): Difference[] {
  const found: Difference[] = []
  const before = new Map(mine.nodes.map((node) => [node.id, node]))
  const after = new Map(theirs.nodes.map((node) => [node.id, node]))
  for (const [id, node] of after) {
    const old = before.get(id)
    if (!old) found.push({ kind: 'added', what: titleOf(node) })
    else if (text({ ...old, position: null }) !== text({ ...node, position: null })) found.push({ kind: 'changed', what: titleOf(node) })
  }
  for (const [id, node] of before) if (!after.has(id)) found.push({ kind: 'removed', what: titleOf(node) })
  const lines = (graph: Graph): Set<string> => new Set(graph.edges.map((edge) => `${edge.source} → ${edge.target}${edge.port === 'next' ? '' : ` (${edge.port})`}`))
  const [mineLines, theirLines] = [lines(mine), lines(theirs)]
  for (const line of theirLines) if (!mineLines.has(line)) found.push({ kind: 'added', what: `line ${line}` })
  for (const line of mineLines) if (!theirLines.has(line)) found.push({ kind: 'removed', what: `line ${line}` })
  const settings = { name: 'name', description: 'description', taskQueue: 'task queue', inputSchema: 'input' } as const
  for (const [field, words] of Object.entries(settings) as [keyof typeof settings, string][]) if (text(mine[field]) !== text(theirs[field])) found.push({ kind: 'changed', what: `the workflow’s ${words}` })
  return found
}

const text = (value: unknown): string => JSON.stringify(value)
