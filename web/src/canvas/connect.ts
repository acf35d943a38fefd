import { EACH, type Edge, type Graph, leadingTo, type Node, nodeOf, portsOf, reaches, titleOf } from './graph.ts'

/**
 * Why the edge cannot be drawn, in a sentence; `null` when it can. `before`: what leads to its source, for who asks
 * often.
 */
export function refusalOf(graph: Graph, edge: Edge, options: { before?: ReadonlySet<string>; nameOf?: (node: Node) => string } = {}): string | null {
  const { before, nameOf = titleOf } = options
  const source = nodeOf(graph, edge.source)
  const target = nodeOf(graph, edge.target)
  if (!source || !target) return 'One end of the line leads nowhere.'
  if (source.id === target.id) return `${nameOf(source)} cannot lead to itself.`
  if (target.kind === 'start') return 'Nothing can lead to the start: a run begins there.'
  if (!portsOf(source).includes(edge.port)) return `${nameOf(source)} has no way out that is called “${edge.port}”.`
  const isIntoBody = source.kind === 'for_each' && edge.port === EACH
  if (isIntoBody && target.parent !== source.id) return `“Each” of ${nameOf(source)} leads to steps inside of it.`
  if (!isIntoBody && source.parent !== target.parent) return 'A line cannot cross the border of a for-each: what is inside runs once for each item.'
  if (graph.edges.some((one) => one.source === edge.source && one.port === edge.port && one.target === edge.target)) return 'The two are connected already.'
  if (before ? before.has(target.id) : reaches(graph, target.id, source.id)) return `${nameOf(target)} comes before ${nameOf(source)}: a line back would go round for ever.`
  return null
}

/** The nodes to which a line from the port could be drawn. */
export function targetsOf(graph: Graph, source: string, port: string): Node[] {
  const before = leadingTo(graph, source)
  return graph.nodes.filter((node) => refusalOf(graph, { source, port, target: node.id }, { before }) === null)
}

/** The graph with the edge, or why not. */
export function connect(graph: Graph, edge: Edge): { graph: Graph } | { refusal: string } {
  const refusal = refusalOf(graph, edge)
  return refusal === null ? { graph: { ...graph, edges: [...graph.edges, edge] } } : { refusal }
}

/** The edges that the nodes and ports of the graph still allow: after a port was taken away, or a node moved into a body. */
export function fittingEdges(graph: Graph): Edge[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  return graph.edges.filter((edge) => {
    const source = nodes.get(edge.source)
    const target = nodes.get(edge.target)
    if (!source || !target || !portsOf(source).includes(edge.port)) return false
    return source.kind === 'for_each' && edge.port === EACH ? target.parent === source.id : source.parent === target.parent
  })
}
