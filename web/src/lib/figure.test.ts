import { describe, expect, it } from 'vitest'
import { counted, formatBytes, formatRate, formatShare } from './figure.ts'

describe('formatRate', () => {
  it.each([
    [1, '100 %'],
    [0, '0 %'],
    [0.987, '98.7 %'],
    [0.99999, '99.9 %'], // one run in 100,000 failed: that is not all of them
    [0.00001, '0.1 %'],
  ])('%d is %s', (rate, text) => {
    expect(formatRate(rate)).toBe(text)
  })
})

describe('formatShare', () => {
  it('never hides a part that exists', () => {
    expect(formatShare(0.004)).toBe('< 1 %')
  })
})

describe('formatBytes', () => {
  it.each([
    [512, '512 B'],
    [2048, '2.0 KiB'],
    [5_000_000, '4.8 MiB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})

describe('counted', () => {
  it('knows one from many', () => {
    expect([counted(1, 'step'), counted(0, 'step'), counted(2, 'retry', 'retries')]).toEqual([
      '1 step',
      '0 steps',
      '2 retries',
    ])
  })
})
