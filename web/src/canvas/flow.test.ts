import { describe, expect, it } from 'vitest'
import { fakeGraph, fakeNode } from './fake.ts'
import { keepSame, secondsText, toFlow } from './flow.ts'
import { createFakeState } from '../../fake/builders.ts'
import { overlay, traced } from './overlay.ts'

const graph = fakeGraph(
  [
    fakeNode('activity', 'inside', { parent: 'loop', retry: { strategy: 'fail_after', maximumAttempts: 5, initialIntervalSeconds: 1 } }),
    fakeNode('for_each', 'loop', { concurrency: 4 }), fakeNode('branch', 'choose'), fakeNode('end', 'end', { outcome: 'failed' }),
  ],
  [['loop', 'inside', 'each'], ['loop', 'choose', 'error'], ['choose', 'end', 'yes'], ['choose', 'nobody', 'yes']],
)
const look = {
  components: new Map(),
  problems: [
    { severity: 'warning' as const, node: 'choose', field: null, edge: null, at: null, message: 'It may never be reached.' },
    { severity: 'error' as const, node: 'choose', field: '/cases/0/when', edge: null, at: null, message: 'There is no node “x”.' },
  ],
}

describe('what React Flow is given', () => {
  const { nodes, edges } = toFlow(graph, look)
  const data = (id: string) => nodes.find((node) => node.id === id)?.data

  it('has bodies before what is in them', () => {
    expect(nodes.map((node) => node.id).indexOf('loop')).toBeLessThan(nodes.map((node) => node.id).indexOf('inside'))
    expect(nodes.find((node) => node.id === 'inside')).toMatchObject({ parentId: 'loop', type: 'step' })
  })

  it('says on each node what it is and how it retries', () => {
    expect(data('inside')).toMatchObject({ title: 'payments.capture', hint: '↻ 5 attempts' })
    expect(data('loop')).toMatchObject({ title: 'For each', subtitle: 'input.items · 4 at once' })
    expect(data('end')).toMatchObject({ title: 'End with a failure', subtitle: 'Failed' })
  })

  it('marks the worst problem and counts the others', () => {
    expect(data('choose')?.problem).toEqual({ severity: 'error', text: 'There is no node “x”. (and 1 more)' })
  })

  it('labels every way but the ordinary, and leaves out lines to nowhere', () => {
    expect(edges.map((edge) => [edge.id, edge.data.label, edge.data.tone])).toEqual([
      ['loop:each:inside', '', 'plain'], ['loop:error:choose', 'if it fails', 'error'], ['choose:yes:end', 'yes', 'plain'],
    ])
  })

  it('keeps the objects of what did not change', () => {
    const again = keepSame(nodes, toFlow(graph, look).nodes, (one, other) => one.data.node === other.data.node)
    expect(again.every((node, index) => node === nodes[index])).toBe(true)
  })
})

describe('the overlay of a run', () => {
  const { nodes, edges } = toFlow(graph, look)
  const state = createFakeState({ nodeId: 'inside', status: 'failed', durationMs: 12, attempt: 5 })

  it('lays states over nodes and moves nothing', () => {
    const laid = overlay(nodes, [state])
    expect(laid.find((node) => node.id === 'inside')).toMatchObject({ position: nodes.find((node) => node.id === 'inside')?.position, data: { state: { status: 'failed' } } })
    expect(laid.find((node) => node.id === 'loop')).toBe(nodes.find((node) => node.id === 'loop'))
  })

  it('draws only what changed', () => {
    const laid = overlay(nodes, [state])
    expect(overlay(laid, [{ ...state }])).toEqual(laid)
    expect(overlay(laid, [{ ...state }]).every((node, index) => node === laid[index])).toBe(true)
  })

  it('says the state to who cannot see it', () => {
    expect(overlay(nodes, [state]).find((node) => node.id === 'inside')?.ariaLabel).toContain('failed, 5 attempts · 12 ms')
  })

  it('knows which lines were taken, and the way to what failed', () => {
    const [first, second] = graph.edges
    if (!first || !second) throw new Error('the graph of this test has two lines')
    const traces = traced(edges, graph, [0, 1], [first.source, first.target]).map((edge) => edge.data.trace)
    expect(traces.slice(0, 2)).toEqual(['failing', 'taken'])
    expect(new Set(traces.slice(2))).toEqual(new Set(['passed']))
  })
})

describe('lengths of time', () => {
  it.each([[0.5, '0.5 s'], [1, '1 s'], [59.9, '59.9 s'], [60, '1 m'], [90, '1 m 30 s'], [3600, '1 h'], [90_061, '1 d 1 h']])('%s is %s', (seconds, text) => {
    expect(secondsText(seconds)).toBe(text)
  })
})
