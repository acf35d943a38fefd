import { describe, expect, it } from 'vitest'
import { readBuilderSearch, readExecutionSearch, readHistorySearch, readWindow } from './url-state.ts'

describe('readHistorySearch', () => {
  it('keeps what it knows', () => {
    const search = { status: ['failed', 'running'], sort: 'durationMs', order: 'asc', topLevel: true, cursor: 'abc' }
    expect(readHistorySearch(search)).toEqual(search)
  })
  it('keeps what figures are opened with', () => {
    const search = { from: '2026-11-22T14:00:00.000Z', to: '2026-11-23T14:00:00.000Z', errorGroup: 'g0123456789abcde', minDurationMs: 0, maxDurationMs: 2.5 }
    expect(readHistorySearch(search)).toEqual(search)
    expect(readHistorySearch({ errorGroup: '' })).toEqual({ errorGroup: '' })
    expect(readHistorySearch({ version: 3, buildId: 7, errors: true })).toEqual({ version: 3, buildId: '7', errors: true })
    const component = { kind: 'activity', name: 'pay', nodeId: 'charge', failed: true, retries: 'unexpected', clock: 'queue', minMs: 0.5 }
    expect(readHistorySearch({ component })).toEqual({ component })
  })
  it.each([{ minDurationMs: -1 }, { minDurationMs: '5' }, { maxDurationMs: Number.POSITIVE_INFINITY }, { minDurationMs: 9, maxDurationMs: 5 }, { from: 'soon' }, { errorGroup: 7 }, { version: 0 }, { version: 2 ** 31 }, { component: 'pay' }, { component: { name: 'pay' } }, { component: { kind: 'magic', name: 'pay' } }, { component: null }])(
    'takes no filter from %s', (search) => { expect(readHistorySearch(search)).toEqual({}) },
  )
  it('leaves out what it does not know', () => {
    expect(readHistorySearch({ status: ['exploded', 7], sort: 'name', order: 1, topLevel: 'yes', cursor: 4 })).toEqual({})
  })
  it('leaves out what it does not know of a component', () => {
    const pay = { kind: 'activity', name: 'pay' }
    for (const more of [{ failed: 'yes' }, { retries: 'some' }, { clock: 'queue' }, { minMs: 5 }, { clock: 'sun', minMs: 5 }, { clock: 'queue', minMs: -1 }, { nodeId: 7 }]) {
      expect(readHistorySearch({ component: { ...pay, ...more } })).toEqual({ component: pay })
    }
  })
  it('takes one status without a list', () => {
    expect(readHistorySearch({ status: 'failed' })).toEqual({ status: ['failed'] })
  })
})

describe('readExecutionSearch', () => {
  it('takes a step by its event id', () => {
    expect(readExecutionSearch({ step: 31 })).toEqual({ step: 31 })
  })
  it.each([['pay', 'pay'], [500, '500'], [true, 'true'], [false, 'false']])('looks for %s', (find, words) => {
    expect(readExecutionSearch({ find })).toEqual({ find: words })
  })
  it.each([0, -1, 1.5, '31', Number.NaN, 2 ** 60])('takes no step from %s', (step) => {
    expect(readExecutionSearch({ step })).toEqual({})
  })
})

describe('readWindow', () => {
  it('drops a time that is none', () => {
    expect(readWindow({ from: 'soon', to: '2026-11-22T14:00:00Z' })).toEqual({ to: '2026-11-22T14:00:00.000Z' })
  })
})

describe('readBuilderSearch', () => {
  it('keeps the id of a node, and nothing that cannot be one', () => {
    expect(readBuilderSearch({ node: 'http-request-2' })).toEqual({ node: 'http-request-2' })
    expect(readBuilderSearch({ node: '<b>' })).toEqual({})
    expect(readBuilderSearch({ node: 7 })).toEqual({})
  })
})
