import type { Component, Graph, IterationCounts, NodeState, NodeStatus } from '../api/types.ts'
import { formatDuration } from './duration.ts'
import { counted, formatCount } from './figure.ts'
import { isOpenStep } from './status.ts'
import type { RunGraphSearch } from './url-state.ts'

export type Items = Readonly<Record<string, number>>

/** The for-each nodes around a node, outermost first. */
export function loopsAround(graph: Graph, nodeId: string): string[] {
  const parents = new Map(graph.nodes.map((node) => [node.id, node.parent]))
  const loops: string[] = []
  for (let at = parents.get(nodeId); at && !loops.includes(at); at = parents.get(at)) loops.unshift(at)
  return loops
}

/** The loops of which an iteration of the node names an item: those around it, and for an item of a for-each itself too. */
export function loopsOf(graph: Graph, nodeId: string): string[] {
  const isLoop = graph.nodes.some((node) => node.id === nodeId && node.kind === 'for_each')
  return [...loopsAround(graph, nodeId), ...(isLoop ? [nodeId] : [])]
}

/** `[2, 0]` of a node in two loops → which item of each. */
export function itemsOf(graph: Graph, nodeId: string, iteration: readonly number[]): Items {
  return Object.fromEntries(loopsOf(graph, nodeId).flatMap((loop, at) => (iteration[at] === undefined ? [] : [[loop, iteration[at]]])))
}

/** The items that are picked of the loops around the node, from the outermost as far as they are. */
export function pickedAround(graph: Graph, nodeId: string, items: Items): number[] {
  const picked: number[] = []
  for (const loop of loopsAround(graph, nodeId)) {
    const item = items[loop]
    if (item === undefined) break
    picked.push(item)
  }
  return picked
}

/** Without the item of a loop, and without those of the loops in it: an inner item means nothing without the outer. */
export function withoutItem(graph: Graph, items: Items, loop: string): Items {
  return Object.fromEntries(Object.entries(items).filter(([id]) => id !== loop && !loopsAround(graph, id).includes(loop)))
}

/** What the address selects: a node, or the node of the step that it names. */
export function selectedNode(search: RunGraphSearch, graph: Graph, steps: readonly Component[], states: readonly NodeState[]): string | null {
  if (search.node !== undefined) return graph.nodes.some((node) => node.id === search.node) ? search.node : null
  if (search.step === undefined) return null
  const id = steps.find((step) => step.eventId === search.step)?.nodeId ?? states.find((state) => state.eventId === search.step)?.nodeId
  return id !== undefined && graph.nodes.some((node) => node.id === id) ? id : null
}

/** The node that a drawing is best begun at: what failed, what waits for somebody, what goes on. */
export function firstNode(states: readonly NodeState[], failingPath: readonly string[]): string | null {
  const failed = failingPath.at(-1)
  if (failed !== undefined) return failed
  const first = (statuses: readonly NodeStatus[]): string | undefined => states.find((state) => statuses.includes(state.status))?.nodeId
  return first(['waiting_for_approval']) ?? first(['retrying', 'paused']) ?? first(['running', 'pending']) ?? null
}

/** Under the name of a node: `3 attempts · 1.1 s`, or how its items stand. */
export function stateText(state: NodeState): string {
  if (state.iterations) return countsText(state.iterations)
  const attempts = state.attempt !== null && state.attempt > 1 ? counted(state.attempt, 'attempt') : ''
  const took = state.durationMs === null || state.durationMs < 1 ? '' : formatDuration(state.durationMs) // what only decides takes no time
  return [attempts, took].filter(Boolean).join(' · ')
}

/** `9 done · 1 failed · 2 running of 12`; what is none is left out. */
export function countsText({ total, completed, failed, running }: IterationCounts): string {
  const parts = [completed > 0 && `${formatCount(completed)} done`, failed > 0 && `${formatCount(failed)} failed`, running > 0 && `${formatCount(running)} running`].filter(Boolean)
  const of = total === null ? '' : total === 0 ? 'no items' : `of ${formatCount(total)}`
  return total === 0 ? of : [parts.join(' · ') || '0', of].filter(Boolean).join(' ')
}

/** Items are counted from 0 in ids and expressions, and from 1 by people. */
export const itemName = (iteration: readonly number[]): string => `Item ${iteration.map((item) => formatCount(item + 1)).join(' · ')}`

/** A number that a person typed, as an item from 0; null when there is none. */
export function itemTyped(text: string, total: number | null): number | null {
  const number = /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : Number.NaN
  return number >= 1 && (total === null || number <= total) ? number - 1 : null
}

export const isOpenNode = (status: NodeStatus): boolean => status === 'waiting_for_approval' || (status !== 'skipped' && status !== 'not_reached' && isOpenStep(status))

/** Skipped or never come to: drawn, but not part of what happened. */
export const isPassedOver = (status: NodeStatus): boolean => status === 'skipped' || status === 'not_reached'
