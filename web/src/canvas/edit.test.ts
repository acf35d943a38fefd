import { describe, expect, it } from 'vitest'
import { addAfter, addAt, change, copy, drop, duplicate, move, moveBy, paste, readSnippet, remove, renameId, renamePort, whereItGoes } from './edit.ts'
import { fakeGraph, fakeNode } from './fake.ts'
import { nodeOf } from './graph.ts'
import { absoluteOf } from './size.ts'

const at = (x: number, y: number) => ({ position: { x, y } })
const small = fakeGraph([fakeNode('start', 'start', at(0, 0)), fakeNode('end', 'end', at(400, 0))], [['start', 'end']])
const loop = fakeGraph(
  [
    fakeNode('start', 'start', at(0, 0)),
    fakeNode('for_each', 'loop', at(200, 0)),
    fakeNode('activity', 'a', { parent: 'loop', position: { x: 56, y: 64 }, input: { to: '=nodes.b.address', text: 'nodes.b is only text' } }),
    fakeNode('activity', 'b', { parent: 'loop', position: { x: 300, y: 64 } }),
    fakeNode('end', 'end', at(900, 0)),
  ],
  [['start', 'loop'], ['loop', 'a', 'each'], ['a', 'b'], ['loop', 'end']],
)

describe('adding', () => {
  it('goes after the selected node and is connected to its first free way out', () => {
    const graph = fakeGraph([fakeNode('start', 'start', at(0, 0)), fakeNode('branch', 'choose', at(200, 0))], [['start', 'choose']])
    const first = addAfter(graph, { kind: 'wait' }, 'choose')
    const second = addAfter(first.graph, { kind: 'end' }, 'choose')
    expect(first.graph.edges.at(-1)).toEqual({ source: 'choose', port: 'yes', target: 'wait' })
    expect(second.graph.edges.at(-1)).toEqual({ source: 'choose', port: 'otherwise', target: 'end' })
    expect(nodeOf(second.graph, 'end')?.position).not.toEqual(nodeOf(first.graph, 'wait')?.position)
  })

  it('goes between two steps where the way out leads somewhere, and what follows moves on', () => {
    const line = fakeGraph([fakeNode('start', 'start', at(0, 0)), fakeNode('set', 'a', at(200, 0)), fakeNode('end', 'end', at(450, 0)), fakeNode('end', 'aside', at(450, 300))], [['start', 'a'], ['a', 'end']])
    expect(whereItGoes(line, 'a')).toBe('between Set data and End')
    const { graph, id } = addAfter(line, { kind: 'for_each' }, 'a')
    expect(graph.edges).toEqual([{ source: 'start', port: 'next', target: 'a' }, { source: 'a', port: 'next', target: id }, { source: id, port: 'next', target: 'end' }])
    expect(nodeOf(graph, id)?.position).toEqual({ x: 448, y: 0 })
    expect(nodeOf(graph, 'end')?.position?.x).toBe(448 + 280 + 64)
    expect(nodeOf(graph, 'aside')?.position?.x).toBe(450)
  })

  it('stands beside, unconnected, where it cannot go between: an end leads nowhere', () => {
    const { graph, id } = addAfter(small, { kind: 'end' }, 'start')
    expect(graph.edges).toEqual(small.edges)
    expect(nodeOf(graph, id)).toBeDefined()
  })

  it('is one more line of a parallel', () => {
    const graph = fakeGraph([fakeNode('parallel', 'both', at(0, 0)), fakeNode('set', 'a', at(200, 0))], [['both', 'a']])
    expect(addAfter(graph, { kind: 'wait' }, 'both').graph.edges).toHaveLength(2)
  })

  it('begins the body of a for-each, then goes on after it', () => {
    const empty = fakeGraph([fakeNode('for_each', 'loop', at(0, 0))])
    const inside = addAfter(empty, { kind: 'set' }, 'loop')
    expect(nodeOf(inside.graph, inside.id)?.parent).toBe('loop')
    expect(inside.graph.edges).toEqual([{ source: 'loop', port: 'each', target: 'set' }])
    const after = addAfter(inside.graph, { kind: 'end' }, 'loop')
    expect(nodeOf(after.graph, after.id)?.parent).toBeNull()
    expect(whereItGoes(empty, 'loop')).toBe('into For each')
    expect(whereItGoes(inside.graph, 'loop')).toBe('after For each')
  })

  it('puts what is dropped over a body into it, in the body’s own measure', () => {
    const { graph, id } = addAt(loop, { kind: 'wait' }, { x: 400, y: 110 })
    expect(nodeOf(graph, id)?.parent).toBe('loop')
    expect(absoluteOf(graph, id)).toEqual({ x: 400 - 92, y: 110 - 36 })
  })

  it('never gives two nodes one id', () => {
    const twice = addAfter(addAfter(small, { kind: 'wait' }, 'start').graph, { kind: 'wait' }, 'start')
    expect(twice.id).toBe('wait-2')
  })
})

describe('removing', () => {
  it('takes bodies and lines along, and never the start', () => {
    const graph = remove(loop, new Set(['loop', 'start']))
    expect(graph.nodes.map((node) => node.id)).toEqual(['start', 'end'])
    expect(graph.edges).toEqual([])
  })

  it('closes the gap that a single step leaves between two others', () => {
    const graph = fakeGraph([fakeNode('start', 'start'), fakeNode('set', 'a'), fakeNode('set', 'b'), fakeNode('end', 'end')], [['start', 'a'], ['a', 'b'], ['b', 'end']])
    expect(remove(graph, new Set(['a'])).edges).toEqual([{ source: 'b', port: 'next', target: 'end' }, { source: 'start', port: 'next', target: 'b' }])
    expect(remove(graph, new Set(['a', 'b'])).edges).toEqual([])
  })

  it('closes no gap where several lines met', () => {
    const graph = fakeGraph([fakeNode('branch', 'choose'), fakeNode('set', 'a'), fakeNode('end', 'end')], [['choose', 'a', 'yes'], ['choose', 'a', 'otherwise'], ['a', 'end']])
    expect(remove(graph, new Set(['a'])).edges).toEqual([])
  })

  it('changes nothing where nothing can go', () => {
    expect(remove(small, new Set(['start']))).toBe(small)
  })
})

describe('changing', () => {
  it('drops the lines at a port that is gone', () => {
    const graph = fakeGraph([fakeNode('approval', 'ask', { timeoutSeconds: 60 }), fakeNode('end', 'end')], [['ask', 'end', 'timed-out'], ['ask', 'end', 'approved']])
    const changed = change(graph, 'ask', (node) => (node.kind === 'approval' ? { ...node, timeoutSeconds: null } : node))
    expect(changed.edges.map((edge) => edge.port)).toEqual(['approved'])
  })

  it('takes the lines along when a case gets another name', () => {
    const graph = fakeGraph([fakeNode('branch', 'choose'), fakeNode('end', 'end')], [['choose', 'end', 'yes']])
    const changed = renamePort(graph, 'choose', 'yes', 'large')
    expect(changed.edges).toEqual([{ source: 'choose', port: 'large', target: 'end' }])
  })

  it('takes lines, bodies and expressions along when a node gets another id, but no text', () => {
    const graph = renameId(renameId(loop, 'b', 'find-address'), 'loop', 'orders')
    expect(nodeOf(graph, 'a')).toMatchObject({ parent: 'orders', input: { to: '=nodes.find_address.address', text: 'nodes.b is only text' } })
    expect(graph.edges).toContainEqual({ source: 'a', port: 'next', target: 'find-address' })
    expect(renameId(loop, 'a', 'b')).toBe(loop)
  })
})

describe('moving', () => {
  it('keeps what is in a body below its head', () => {
    expect(nodeOf(move(loop, new Map([['a', { x: -50, y: 3 }]])), 'a')?.position).toEqual({ x: 28, y: 64 })
  })

  it('moves a body once when it and what is in it are selected', () => {
    const graph = moveBy(loop, new Set(['loop', 'a']), { x: 10, y: 0 })
    expect(nodeOf(graph, 'loop')?.position).toEqual({ x: 210, y: 0 })
    expect(nodeOf(graph, 'a')?.position).toEqual({ x: 56, y: 64 })
  })

  it('takes a node out of a body when its middle was dropped outside, with the lines that would cross', () => {
    const outside = drop(loop, new Map([['b', { x: 300, y: 700 }]]))
    expect(nodeOf(outside, 'b')).toMatchObject({ parent: null, position: { x: 500, y: 700 } })
    expect(outside.edges).not.toContainEqual({ source: 'a', port: 'next', target: 'b' })
  })

  it('takes a node into the body that it was dropped on, and lets go of lines across the border', () => {
    const inside = drop(loop, new Map([['end', { x: 300, y: 80 }]]))
    expect(nodeOf(inside, 'end')?.parent).toBe('loop')
    expect(inside.edges).not.toContainEqual({ source: 'loop', port: 'next', target: 'end' })
    expect(absoluteOf(inside, 'end')).toEqual({ x: 300, y: 80 })
  })

  it('keeps what was only moved inside of its body, lines and all', () => {
    const moved = drop(loop, new Map([['b', { x: 290, y: 70 }]]))
    expect(nodeOf(moved, 'b')).toMatchObject({ parent: 'loop', position: { x: 290, y: 70 } })
    expect(moved.edges).toEqual(loop.edges)
  })
})

describe('copying', () => {
  it('copies a body whole, and expressions in the copy speak of the copies', () => {
    const { graph, ids } = duplicate(loop, new Set(['loop']))
    expect(ids).toEqual(['loop-2'])
    const copied = graph.nodes.find((node) => node.parent === 'loop-2' && node.id.startsWith('a'))
    expect(copied).toMatchObject({ id: 'a-2', input: { to: '=nodes.b_2.address' } })
    expect(graph.edges).toContainEqual({ source: 'loop-2', port: 'each', target: 'a-2' })
    expect(graph.edges).toContainEqual({ source: 'a-2', port: 'next', target: 'b-2' })
  })

  it('duplicates inside of the same body', () => {
    const { graph, ids } = duplicate(loop, new Set(['b']))
    expect(nodeOf(graph, ids[0])).toMatchObject({ parent: 'loop', position: { x: 332, y: 96 } })
  })

  it('goes through a clipboard as text, and reads nothing else', () => {
    const snippet = copy(loop, new Set(['a']))
    expect(readSnippet(JSON.stringify(snippet))).toEqual(snippet)
    expect(readSnippet('hello')).toBeNull()
    expect(readSnippet('{"format":"watchglass/nodes/v1","nodes":3}')).toBeNull()
    expect(snippet && paste(small, snippet).graph.nodes.map((node) => node.id)).toEqual(['start', 'end', 'a'])
  })

  it('never copies the start', () => {
    expect(copy(small, new Set(['start']))).toBeNull()
  })
})
