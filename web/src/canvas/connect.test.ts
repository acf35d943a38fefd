import { describe, expect, it } from 'vitest'
import { connect, refusalOf, targetsOf } from './connect.ts'
import { fakeGraph, fakeNode } from './fake.ts'

const graph = fakeGraph(
  [
    fakeNode('start', 'start'), fakeNode('activity', 'a'), fakeNode('activity', 'b'), fakeNode('branch', 'choose'),
    fakeNode('for_each', 'each-order'), fakeNode('activity', 'inside', { parent: 'each-order' }), fakeNode('end', 'end'),
  ],
  [['start', 'a'], ['a', 'b']],
)

describe('a line that is refused says why', () => {
  it.each([
    ['a', 'next', 'a', 'payments.capture cannot lead to itself.'],
    ['a', 'next', 'start', 'Nothing can lead to the start: a run begins there.'],
    ['end', 'next', 'a', 'End has no way out that is called “next”.'],
    ['choose', 'no', 'a', 'Branch has no way out that is called “no”.'],
    ['a', 'next', 'b', 'The two are connected already.'],
    ['b', 'next', 'a', 'payments.capture comes before payments.capture: a line back would go round for ever.'],
    ['b', 'next', 'inside', 'A line cannot cross the border of a for-each: what is inside runs once for each item.'],
    ['inside', 'next', 'end', 'A line cannot cross the border of a for-each: what is inside runs once for each item.'],
    ['each-order', 'each', 'b', '“Each” of For each leads to steps inside of it.'],
    ['a', 'next', 'nobody', 'One end of the line leads nowhere.'],
  ])('%s at %s to %s', (source, port, target, sentence) => {
    expect(refusalOf(graph, { source, port, target })).toBe(sentence)
    expect(connect(graph, { source, port, target })).toEqual({ refusal: sentence })
  })
})

describe('a line that fits is drawn', () => {
  it.each([
    ['b', 'next', 'choose'], ['choose', 'yes', 'end'], ['choose', 'otherwise', 'each-order'], ['each-order', 'each', 'inside'],
    ['each-order', 'next', 'end'], ['a', 'error', 'end'], ['start', 'next', 'b'],
  ])('%s at %s to %s', (source, port, target) => {
    const connected = connect(graph, { source, port, target })
    expect('graph' in connected && connected.graph.edges.at(-1)).toEqual({ source, port, target })
  })
})

describe('where a line could lead', () => {
  it('is everywhere that it is not refused', () => {
    for (const { id } of graph.nodes) {
      const possible = graph.nodes.filter((node) => refusalOf(graph, { source: id, port: 'next', target: node.id }) === null)
      expect(targetsOf(graph, id, 'next')).toEqual(possible)
    }
    expect(targetsOf(graph, 'b', 'next').map((node) => node.id)).toEqual(['choose', 'each-order', 'end'])
  })
})
