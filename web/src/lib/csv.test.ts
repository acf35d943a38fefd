import { describe, expect, it } from 'vitest'
import { fileName, toCsv } from './csv.ts'

describe('toCsv', () => {
  it('quotes what has to be quoted and leaves empty what is not there', () => {
    expect(toCsv(['name', 'p95 ms'], [['a,"b"', 1.5], ['line\nline', null]])).toBe('name,p95 ms\r\n"a,""b""",1.5\r\n"line\nline",\r\n')
  })
  it.each(['=1+1', '+1', '-1', '@x', '\tx'])('%s is no formula', (text) => {
    expect(toCsv(['a'], [[text]])).toContain(`'${text}`)
  })
  it('a number stays one', () => {
    expect(toCsv(['a'], [[-1]])).toBe('a\r\n-1\r\n')
  })
})

describe('fileName', () => {
  it.each([
    [['order fulfilment', 'runs'], 'order-fulfilment-runs.csv'],
    [['../../x', 'runs'], 'x-runs.csv'],
    [['注文', 'runs'], '注文-runs.csv'],
    [['///'], 'statistics.csv'],
  ])('%o', (parts, name) => {
    expect(fileName(...parts)).toBe(name)
  })
})
