import { describe, expect, it } from 'vitest'
import type { Service } from '../api/types.ts'
import { draftOf, placeOf, savedOf, serviceLook } from './service.ts'

const BOOKS: Service = {
  id: '1', name: 'books', settings: { kind: 'postgres', host: 'db', port: 5433, database: 'books', user: 'ada', tls: 'require' },
  hasSecret: true, testedAt: null, testError: null, changedAt: '2026-11-01T00:00:00Z',
}

describe('savedOf', () => {
  it('keeps the stored secret when none is entered', () => {
    expect(savedOf(draftOf(BOOKS))).toEqual({ name: 'books', settings: BOOKS.settings })
  })
  it('sends a new password', () => {
    expect(savedOf({ ...draftOf(BOOKS), password: 'new' }).secret).toEqual({ password: 'new' })
  })
  it('forgets the secret when it shall', () => {
    expect(savedOf({ ...draftOf(BOOKS), forgets: true }).secret).toEqual({})
  })
  it('signs in to HTTP services with a header', () => {
    const draft = { ...draftOf(null), name: ' shop ', baseUrl: 'https://shop.example ', headerValue: 'Bearer x' }
    expect(savedOf(draft)).toEqual({ name: 'shop', settings: { kind: 'http', baseUrl: 'https://shop.example' }, secret: { headers: { Authorization: 'Bearer x' } } })
  })
})

it('says where it is', () => {
  expect(placeOf(BOOKS.settings)).toBe('ada@db:5433/books')
})

it('says how its last test went', () => {
  expect(serviceLook(BOOKS).label).toBe('not tested')
  expect(serviceLook({ ...BOOKS, testedAt: 'x' }).label).toBe('works')
  expect(serviceLook({ ...BOOKS, testedAt: 'x', testError: 'No.' }).label).toBe('does not work')
})
