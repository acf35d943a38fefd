import { describe, expect, it } from 'vitest'
import type { ConnectionDetails } from '../api/types.ts'
import { draftOf, keepsSecrets, settingsOf } from './connection.ts'

const STORED: ConnectionDetails = {
  id: 'c', projectId: 'p', address: 'temporal:7233', namespace: 'shop', isEmbedded: false, state: 'connected', error: null,
  notice: null, checkedAt: null, scope: '', level: 'all', visibilityPerSecond: 5, historyPerSecond: 50, uiAddress: null,
  httpAddress: null, codecAddress: null, decodesAtSync: false,
  credentials: {
    tls: true, serverName: null, serverCa: { subject: 'CN=ca', expiresAt: '2030-01-01T00:00:00Z' }, apiKey: true,
    clientCertificate: null, headerNames: [], codecToken: false, setAt: '2026-01-01T00:00:00Z',
  },
}

describe('settingsOf', () => {
  it('leaves stored secrets out, so that they stay', () => {
    const { credentials } = settingsOf(draftOf(STORED), STORED)
    expect(credentials).toEqual({ tls: true, serverName: null })
  })
  it('sends a typed secret and takes the others away', () => {
    const { credentials } = settingsOf({ ...draftOf(STORED), apiKey: ' new ' }, STORED)
    expect(credentials).toMatchObject({ apiKey: 'new', clientCertificate: null, headers: null })
  })
  it('takes everything away when nobody signs in any more', () => {
    const { credentials } = settingsOf({ ...draftOf(STORED), signIn: 'none', keepsServerCa: false }, STORED)
    expect(credentials).toMatchObject({ apiKey: null, clientCertificate: null, headers: null, serverCa: null })
  })
  it('has numbers as numbers and empty addresses as null', () => {
    expect(settingsOf(draftOf(null), null)).toMatchObject({ visibilityPerSecond: 5, historyPerSecond: 50, uiAddress: null })
  })
})

describe('keepsSecrets', () => {
  it('is over when the address or the encryption changes', () => {
    const draft = draftOf(STORED)
    expect(keepsSecrets(draft, STORED)).toBe(true)
    expect(keepsSecrets({ ...draft, address: 'other:7233' }, STORED)).toBe(false)
    expect(keepsSecrets({ ...draft, httpAddress: 'https://other' }, STORED)).toBe(false)
    expect(keepsSecrets({ ...draft, tls: false }, STORED)).toBe(false)
    expect(keepsSecrets({ ...draft, signIn: 'header' }, STORED)).toBe(false)
  })
})
