import { describe, expect, it } from 'vitest'
import { runsBehind } from './behind.ts'

const WEEK = { from: '2026-11-15T00:00:00.000Z' }

describe('runsBehind', () => {
  it('is of the same runs as the figure', () => {
    expect(runsBehind({}, WEEK, { errors: true })).toEqual({ ...WEEK, topLevel: true, errors: true })
    expect(runsBehind({ children: true, buildId: 'b' }, WEEK)).toEqual({ ...WEEK, buildId: 'b' })
  })
  it('a part of the time counts more than all of it', () => {
    expect(runsBehind({ children: true }, WEEK, { from: 'later', to: 'end' })).toEqual({ from: 'later', to: 'end' })
  })
  it('is of one version of a drawing', () => {
    expect(runsBehind({ version: 2 }, WEEK)).toEqual({ ...WEEK, topLevel: true, version: 2 })
  })
})
