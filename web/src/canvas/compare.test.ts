import { describe, expect, it } from 'vitest'
import { compare } from './compare.ts'
import { fakeGraph, fakeNode } from './fake.ts'

describe('what is different', () => {
  const mine = fakeGraph([fakeNode('start', 'start'), fakeNode('wait', 'pause', { seconds: 5 }), fakeNode('set', 'old', { name: 'Old values' })], [['start', 'pause']])

  it('is said in words: nodes, lines and settings', () => {
    const theirs = { ...fakeGraph([fakeNode('start', 'start'), fakeNode('wait', 'pause', { seconds: 6 }), fakeNode('end', 'end')], [['start', 'end']]), description: 'new' }
    expect(compare(mine, theirs)).toEqual([
      { kind: 'changed', what: 'Wait' }, { kind: 'added', what: 'End' }, { kind: 'removed', what: 'Old values' },
      { kind: 'added', what: 'line start → end' }, { kind: 'removed', what: 'line start → pause' }, { kind: 'changed', what: 'the workflow’s description' },
    ])
  })

  it('is nothing when only places differ', () => {
    expect(compare(mine, { ...mine, nodes: mine.nodes.map((node) => ({ ...node, position: { x: 1, y: 2 } })) })).toEqual([])
  })
})
