import { describe, expect, it } from 'vitest'
import { readStatisticsSearch, versionFilter } from './statistics-search.ts'

describe('readStatisticsSearch', () => {
  it('keeps what it understands and leaves out the rest', () => {
    const search = {
      last: '30d', compare: false, children: true, version: 3, clock: 'queue', byNode: true, sort: 'p95', tables: ['runs', 'pie'], nonsense: 1,
    }
    expect(readStatisticsSearch(search)).toEqual({
      last: '30d', compare: false, children: true, version: 3, clock: 'queue', byNode: true, sort: 'p95', tables: ['runs'],
    })
  })
  it.each([
    { last: '3d' }, { clock: 'wall' }, { version: 0 }, { version: 1.5 }, { version: 2 ** 31 }, { tables: 'pie' }, { compare: true }, { from: 'x' },
  ])('%o says nothing', (search) => {
    expect(readStatisticsSearch(search)).toEqual({})
  })
  it('a version of a drawing counts more than builds', () => {
    expect(readStatisticsSearch({ version: 2, buildId: 'b' })).toEqual({ version: 2 })
  })
})

describe('versionFilter', () => {
  it.each([
    [{}, undefined],
    [{ version: 2 }, { version: 2 }],
    [{ buildId: '' }, { buildId: '' }],
    [{ buildId: 'b', deployment: 'shop' }, { buildId: 'b', deployment: 'shop' }],
  ])('%o', (search, filter) => {
    expect(versionFilter(search)).toEqual(filter)
  })
})
