import { describe, expect, it } from 'vitest'
import { NO_TIMEOUTS } from '../../canvas/make.ts'
import { found, listed } from './pieces.ts'

const component = { type: 'http.request', name: 'HTTP request', description: 'Asks a web address', category: 'Data', icon: 'world', taskQueue: null, inputSchema: {}, outputSchema: {}, retry: null, timeouts: NO_TIMEOUTS, source: 'built_in' as const }

describe('the catalogue', () => {
  const all = listed([component])

  it('lists components by category, and what every workflow can use', () => {
    expect(found(all, '').map(([category]) => category)).toEqual(['Data', 'Flow'])
  })

  it('finds by name, by what it does and by type, every word of it', () => {
    expect(found(all, 'web ask').flatMap(([, pieces]) => pieces.map((piece) => piece.key))).toEqual(['component:http.request'])
    expect(found(all, 'switch').flatMap(([, pieces]) => pieces.map((piece) => piece.name))).toEqual(['Branch'])
    expect(found(all, 'web switch')).toEqual([])
  })

  it('puts what is called so before what only mentions it', () => {
    const mentions = { ...component, description: 'Reads a data set' }
    expect(found(listed([mentions]), 'set data').flatMap(([, pieces]) => pieces.map((piece) => piece.name))).toEqual(['Set data', 'HTTP request'])
  })

  it('shows a piece of a puzzle for an icon that nobody knows', () => {
    expect(listed([{ ...component, icon: 'unicorn' }])[0]?.icon).toBe('puzzle')
  })
})
