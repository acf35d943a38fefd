import { describe, expect, it } from 'vitest'
import { emptyOf, initialOf, missingIn, shapeOf, type Schema, wordsOf } from './schema.ts'

const root: Schema = {
  type: 'object',
  required: ['order', 'lines'],
  properties: {
    order: { type: 'string', description: 'Its number' },
    rush: { type: 'boolean', default: false },
    limit: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }], default: null, title: 'At most' },
    colour: { $ref: '#/$defs/Colour' },
    lines: { type: 'array', items: { $ref: '#/$defs/Line' } },
    headers: { type: 'object', additionalProperties: { type: 'string' } },
  },
  $defs: {
    Colour: { enum: ['red', 'blue'], title: 'Colour', type: 'string' },
    Line: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' }, count: { type: ['integer', 'null'] } } },
    Loop: { $ref: '#/$defs/Loop' },
  },
}

describe('the shape of a field', () => {
  const shape = shapeOf(root, root)
  const field = (name: string) => (shape.kind === 'object' ? shape.fields.find((one) => one.name === name) : undefined)

  it('is read from what Pydantic writes', () => {
    expect(field('order')).toMatchObject({ label: 'Order', about: 'Its number', isRequired: true })
    expect(field('limit')).toMatchObject({ label: 'At most', isRequired: false, initial: null })
    expect(shapeOf(field('limit')?.schema ?? {}, root)).toEqual({ kind: 'number', isWhole: true, minimum: 1, maximum: null })
    expect(shapeOf(field('colour')?.schema ?? {}, root)).toEqual({ kind: 'choice', values: ['red', 'blue'] })
    expect(shapeOf(field('headers')?.schema ?? {}, root)).toEqual({ kind: 'object', fields: [], isOpen: true })
  })

  it('is a piece of JSON where more is said than a form can show', () => {
    expect(shapeOf({ anyOf: [{ type: 'string' }, { type: 'integer' }] }, root)).toEqual({ kind: 'any' })
    expect(shapeOf({}, root)).toEqual({ kind: 'any' })
    expect(shapeOf({ $ref: '#/$defs/Nobody' }, root)).toEqual({ kind: 'any' })
    expect(shapeOf({ $ref: '#/$defs/Loop' }, root)).toEqual({ kind: 'any' })
    expect(shapeOf({ $ref: 'https://example.org/schema.json' }, root)).toEqual({ kind: 'any' })
  })

  it('of an object without properties may hold anything', () => {
    expect(shapeOf({ type: 'object', properties: {} }, root)).toMatchObject({ isOpen: true })
    expect(shapeOf({ type: 'object', properties: {}, additionalProperties: false }, root)).toMatchObject({ isOpen: false })
  })
})

describe('what a form begins with', () => {
  it('are the defaults', () => {
    expect(initialOf(root, root)).toEqual({ rush: false, limit: null })
    expect(emptyOf({ type: 'integer', minimum: 3 }, root)).toBe(3)
    expect(emptyOf({ $ref: '#/$defs/Line' }, root)).toEqual({})
  })
})

describe('what is missing', () => {
  it('is named by its place', () => {
    expect(missingIn(undefined, root, root)).toEqual(['/order', '/lines'])
    expect(missingIn({ order: '', lines: [{ sku: 'A' }, {}] }, root, root)).toEqual(['/order', '/lines/1/sku'])
    expect(missingIn({ order: 'A', lines: [] }, root, root)).toEqual([])
  })
})

describe('names of fields as words', () => {
  it.each([['maximum_rows', 'Maximum rows'], ['maximumRows', 'Maximum rows'], ['url', 'Url'], ['_', '_']])('%s is %s', (name, words) => {
    expect(wordsOf(name)).toBe(words)
  })
})
