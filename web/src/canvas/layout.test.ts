import { describe, expect, it } from 'vitest'
import { layOut } from './arrange.ts'
import { fakeGraph, fakeNode } from './fake.ts'
import { nodeOf } from './graph.ts'
import { boxesOf, isPlaced, placed } from './layout.ts'
import { inRanks } from './ranks.ts'
import { sizesOf } from './size.ts'

const graph = fakeGraph(
  [
    fakeNode('start', 'start'), fakeNode('for_each', 'loop'), fakeNode('for_each', 'inner', { parent: 'loop' }),
    fakeNode('set', 'deep', { parent: 'inner' }), fakeNode('set', 'second', { parent: 'loop' }), fakeNode('end', 'end'),
  ],
  [['start', 'loop'], ['loop', 'inner', 'each'], ['inner', 'deep', 'each'], ['inner', 'second'], ['loop', 'end']],
)

describe('layout', () => {
  const laid = placed(graph, layOut(boxesOf(graph)), true)
  const x = (id: string): number => nodeOf(laid, id)?.position?.x ?? Number.NaN

  it('goes from left to right along the lines', () => {
    expect(isPlaced(graph)).toBe(false)
    expect(isPlaced(laid)).toBe(true)
    expect(x('start')).toBeLessThan(x('loop'))
    expect(x('inner')).toBeLessThan(x('second'))
  })

  it('makes a body as large as what is in it, so that nothing after it lies on it', () => {
    const sizes = sizesOf(laid)
    const loop = sizes.get('loop')
    const inner = sizes.get('inner')
    expect(loop?.width).toBeGreaterThan((inner?.width ?? 0) + (sizes.get('second')?.width ?? 0))
    expect(x('end')).toBeGreaterThanOrEqual(x('loop') + (loop?.width ?? 0))
    expect(x('second')).toBeGreaterThanOrEqual(x('inner') + (inner?.width ?? 0))
  })

  it('leaves a scope alone that somebody arranged', () => {
    const arranged = { ...graph, nodes: graph.nodes.map((node) => (node.parent === null ? { ...node, position: { x: 7, y: 7 } } : node)) }
    const filled = placed(arranged, layOut(boxesOf(arranged)), false)
    expect(nodeOf(filled, 'end')?.position).toEqual({ x: 7, y: 7 })
    expect(isPlaced(filled)).toBe(true)
  })

  it('lays out 2,000 steps in a row', () => {
    const steps = Array.from({ length: 2000 }, (_, at) => fakeNode('wait', `w${at}`))
    const chain = fakeGraph(steps, steps.slice(1).map((node, at) => [`w${at}`, node.id]))
    const corners = new Map(layOut(boxesOf(chain)))
    expect(corners.size).toBe(2000)
    expect(corners.get('w1999')?.x).toBe(1999 * (184 + 64))
    expect(new Set([...corners.values()].map(({ y }) => y))).toEqual(new Set([0]))
  })

  it('puts what runs side by side in one column, and ends in a circle', () => {
    const boxes = ['start', 'a', 'b', 'join', 'x', 'y'].map((id) => ({ id, size: { width: 100, height: 50 } }))
    const lines = [['start', 'a'], ['start', 'b'], ['a', 'join'], ['b', 'join'], ['x', 'y'], ['y', 'x']].map(([source = '', target = '']) => ({ source, target }))
    const at = new Map(inRanks(boxes, lines))
    expect(at.get('a')?.x).toBe(at.get('b')?.x)
    expect(at.get('a')?.y).not.toBe(at.get('b')?.y)
    expect(at.get('join')?.x).toBe(2 * (100 + 64))
    expect(at.size).toBe(6)
  })

  it('ends when a body says that it is in itself', () => {
    const broken = fakeGraph([fakeNode('for_each', 'one', { parent: 'other' }), fakeNode('for_each', 'other', { parent: 'one' }), fakeNode('start', 'start')])
    expect(layOut(boxesOf(broken)).map(([id]) => id)).toEqual(['start'])
  })
})
