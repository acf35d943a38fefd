import { describe, expect, it } from 'vitest'
import { createFakeComponent } from '../../fake/builders.ts'
import { fakeGraph, fakeNode } from '../canvas/fake.ts'
import { createFakeState } from '../../fake/builders.ts'
import { countsText, firstNode, itemName, itemsOf, itemTyped, loopsAround, pickedAround, selectedNode, stateText, withoutItem } from './run-graph.ts'

const graph = fakeGraph(
  [fakeNode('start', 'start'), fakeNode('for_each', 'orders'), fakeNode('for_each', 'lines', { parent: 'orders' }), fakeNode('activity', 'pick', { parent: 'lines' }), fakeNode('branch', 'large')],
  [['start', 'large']],
)

describe('items of loops', () => {
  it('are those of the loops around, outermost first', () => {
    expect(loopsAround(graph, 'pick')).toEqual(['orders', 'lines'])
    expect(loopsAround(graph, 'large')).toEqual([])
  })

  it('are named by an iteration; the item of a for-each is its own', () => {
    expect(itemsOf(graph, 'pick', [2, 0])).toEqual({ orders: 2, lines: 0 })
    expect(itemsOf(graph, 'orders', [4])).toEqual({ orders: 4 })
    expect(itemsOf(graph, 'lines', [4, 1])).toEqual({ orders: 4, lines: 1 })
  })

  it('mean nothing without the item of the loop around', () => {
    expect(pickedAround(graph, 'pick', { orders: 2 })).toEqual([2])
    expect(pickedAround(graph, 'pick', { lines: 2 })).toEqual([])
    expect(withoutItem(graph, { orders: 2, lines: 1 }, 'orders')).toEqual({})
    expect(withoutItem(graph, { orders: 2, lines: 1 }, 'lines')).toEqual({ orders: 2 })
  })

  it('are counted from 1 by people', () => {
    expect(itemName([0])).toBe('Item 1')
    expect(itemName([2, 0])).toBe('Item 3 · 1')
    expect([itemTyped(' 3 ', 12), itemTyped('13', 12), itemTyped('0', 12), itemTyped('x', 12), itemTyped('13', null)]).toEqual([2, null, null, null, 12])
  })
})

describe('the selection', () => {
  const steps = [createFakeComponent({ eventId: 9, nodeId: 'pick' }), createFakeComponent({ eventId: 12, nodeId: 'elsewhere' })]
  const states = [createFakeState({ nodeId: 'pick', eventId: 40 })]

  it('is a node, or the node of a step', () => {
    expect(selectedNode({ node: 'large', step: 9 }, graph, steps, states)).toBe('large')
    expect(selectedNode({ step: 9 }, graph, steps, states)).toBe('pick')
    expect(selectedNode({ step: 40 }, graph, steps, states)).toBe('pick')
  })

  it('is nothing where the drawing has no such node', () => {
    expect(selectedNode({ node: 'gone' }, graph, steps, states)).toBeNull()
    expect(selectedNode({ step: 12 }, graph, steps, states)).toBeNull()
    expect(selectedNode({}, graph, steps, states)).toBeNull()
  })

  it('begins at what failed, else at what waits for somebody, else at what goes on', () => {
    const running = createFakeState({ nodeId: 'large', status: 'running' })
    const waiting = createFakeState({ nodeId: 'pick', status: 'waiting_for_approval' })
    expect(firstNode([running, waiting], ['start', 'orders'])).toBe('orders')
    expect(firstNode([running, waiting], [])).toBe('pick')
    expect(firstNode([running], [])).toBe('large')
    expect(firstNode([createFakeState()], [])).toBeNull()
  })
})

describe('what stands on a node', () => {
  it('is attempts and time', () => {
    expect(stateText(createFakeState({ attempt: 3, durationMs: 1100 }))).toBe('3 attempts · 1.1 s')
    expect(stateText(createFakeState({ attempt: 1, durationMs: null }))).toBe('')
  })

  it('is how its items stand', () => {
    expect(countsText({ total: 12, completed: 9, failed: 1, running: 2 })).toBe('9 done · 1 failed · 2 running of 12')
    expect(countsText({ total: 3, completed: 0, failed: 0, running: 0 })).toBe('0 of 3')
    expect(countsText({ total: 0, completed: 0, failed: 0, running: 0 })).toBe('no items')
    expect(countsText({ total: null, completed: 2, failed: 0, running: 0 })).toBe('2 done')
    expect(stateText(createFakeState({ iterations: { total: 2, completed: 2, failed: 0, running: 0 }, attempt: 5 }))).toBe('2 done of 2')
  })
})
