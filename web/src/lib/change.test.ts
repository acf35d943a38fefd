import { describe, expect, it } from 'vitest'
import { formatInterval, pointChange, relativeChange } from './change.ts'

describe('relativeChange', () => {
  it.each([
    [106, 100, { way: 'up', text: '6 %' }],
    [50, 100, { way: 'down', text: '50 %' }],
    [100.1, 100, { way: 'same', text: 'as before' }],
    [5000, 100, { way: 'up', text: '50 times' }],
    [0, 4, { way: 'down', text: '100 %' }],
    [4, 0, null],
    [4, null, null],
    [null, 4, null],
  ])('%s after %s', (now, before, change) => {
    expect(relativeChange(now, before)).toEqual(change)
  })
})

describe('pointChange', () => {
  it.each([
    [0.98, 0.95, { way: 'up', text: '3.0 points' }],
    [0.5, 1, { way: 'down', text: '50.0 points' }],
    [0.9, 0.9, { way: 'same', text: 'as before' }],
    [0, null, null],
  ])('%s after %s', (now, before, change) => {
    expect(pointChange(now, before)).toEqual(change)
  })
})

describe('formatInterval', () => {
  it.each([
    [0.985, 0.989, '98.5–98.9 %'],
    [0.2065, 1, '20.7–100 %'],
    [0.9, 0.9, '90.0 %'],
  ])('%s to %s', (low, high, text) => {
    expect(formatInterval({ low, high })).toBe(text)
  })
})
