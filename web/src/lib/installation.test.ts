import { expect, it } from 'vitest'
import { tellInstallation, whoDid } from './installation.ts'

const line = (action: string, details: Record<string, unknown>, by: string | null = 'ada') => ({ id: '1', at: '2026-11-23T06:00:00Z', by, action, target: 't', about: null, details: details as never })

it('says who signed in, how and from where', () => {
  expect(tellInstallation(line('session.open', { of: 'ada', method: 'oidc', address: '203.0.113.0/24' }))).toEqual({ words: 'signed in with single sign-on', thing: null, more: 'from 203.0.113.0/24' })
})

it('tells who signs out from who is signed out', () => {
  expect(tellInstallation(line('session.end', { of: 'ada' }))).toEqual({ words: 'signed out', thing: null, more: null })
  expect(tellInstallation(line('session.end', { of: 'bob' }))).toEqual({ words: 'signed out', thing: 'bob', more: null })
})

it('says whose a token is, and what it may', () => {
  expect(tellInstallation(line('token.create', { of: 'bob', name: 'deploys', scope: 'read', projectId: 'p' }))).toEqual({ words: 'made the token', thing: 'deploys', more: 'of bob, may read, in one project' })
  expect(tellInstallation(line('token.revoke', { of: 'ada', name: 'deploys', scope: 'admin', projectId: null })).more).toBe('may do everything, in all projects')
})

it('says each change of a person in its own words', () => {
  const words = (details: Record<string, unknown>): string => tellInstallation(line('user.update', { of: 'bob', ...details })).words
  expect([{ isAdmin: true }, { isAdmin: false }, { disabled: true }, { disabled: false }].map(words)).toEqual(['made an administrator:', 'took administration away from', 'disabled', 'let in again'])
  expect(tellInstallation(line('user.update', { of: 'bob', nameBefore: 'rob', email: 'b@example.org' }))).toEqual({ words: 'changed the name or the address of', thing: 'bob', more: 'before: rob · b@example.org' })
})

it('names nobody for what the provider or the command line did', () => {
  expect(whoDid(line('user.create', { of: 'bob', byProvider: true }, null))).toBe('Single sign-on')
  expect(whoDid(line('user.create', { of: 'bob' }, null))).toBe('Somebody at the command line')
  expect(whoDid(line('user.create', { of: 'bob' }))).toBe('ada')
})

it('shows an action that is new as it is', () => {
  expect(tellInstallation(line('moon.paint', {}))).toEqual({ words: 'moon.paint', thing: null, more: null })
})
