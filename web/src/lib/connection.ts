import type { ConnectionDetails, ConnectionState } from '../api/types.ts'
import type { CredentialsInput } from '../api/trpc.gen.ts'
import type { Look } from './status.ts'

const LOOKS: Record<ConnectionState, Look> = {
  connected: { tone: 'ok', icon: 'check', label: 'connected' },
  unreachable: { tone: 'bad', icon: 'cross', label: 'unreachable' },
  refused: { tone: 'bad', icon: 'cross', label: 'refused' },
  unknown: { tone: 'mute', icon: 'dots', label: 'not asked yet' },
}

export const connectionLook = (state: ConnectionState): Look => LOOKS[state] ?? LOOKS.unknown

export const LEVELS = [
  { level: 'all', label: 'Everything', about: 'every run with all of its steps' },
  { level: 'failed', label: 'Failed runs', about: 'the steps of runs that failed, and of a sample of the others' },
  { level: 'viewed', label: 'What somebody opens', about: 'a run’s steps once somebody looks at it' },
  { level: 'list', label: 'The list alone', about: 'when runs started and how they ended, without steps' },
] as const

export type Level = (typeof LEVELS)[number]['level']
export type SignInKind = 'none' | 'apiKey' | 'certificate' | 'header'

/** What the form holds. Secrets are empty until somebody types them: the stored ones never come here. */
export type Draft = {
  address: string
  namespace: string
  tls: boolean
  serverName: string
  serverCa: string
  keepsServerCa: boolean
  signIn: SignInKind
  apiKey: string
  certificate: string
  key: string
  headerName: string
  headerValue: string
  scope: string
  level: Level
  visibilityPerSecond: string
  historyPerSecond: string
  uiAddress: string
  httpAddress: string
  codecAddress: string
}

export function draftOf(stored: ConnectionDetails | null): Draft {
  return {
    address: stored?.address ?? '',
    namespace: stored?.namespace ?? '',
    tls: stored?.credentials.tls ?? false,
    serverName: stored?.credentials.serverName ?? '',
    serverCa: '',
    keepsServerCa: stored?.credentials.serverCa != null,
    signIn: storedSignIn(stored),
    apiKey: '',
    certificate: '',
    key: '',
    headerName: stored?.credentials.headerNames[0] ?? 'authorization',
    headerValue: '',
    scope: stored?.scope ?? '',
    level: stored?.level ?? 'all',
    visibilityPerSecond: String(stored?.visibilityPerSecond ?? 5),
    historyPerSecond: String(stored?.historyPerSecond ?? 50),
    uiAddress: stored?.uiAddress ?? '',
    httpAddress: stored?.httpAddress ?? '',
    codecAddress: stored?.codecAddress ?? '',
  }
}

export function storedSignIn(stored: ConnectionDetails | null): SignInKind {
  if (stored?.credentials.apiKey) return 'apiKey'
  if (stored?.credentials.clientCertificate) return 'certificate'
  return stored && stored.credentials.headerNames.length > 0 ? 'header' : 'none'
}

/** Stored secrets stay while nothing is typed, and only for the address and the encryption they were entered for. */
export function keepsSecrets(draft: Draft, stored: ConnectionDetails | null): boolean {
  if (stored === null || draft.signIn === 'none' || draft.signIn !== storedSignIn(stored)) return false
  const http = draft.httpAddress.trim()
  if (http !== '' && http !== stored.httpAddress) return false
  if (draft.address.trim() !== stored.address || (stored.credentials.tls && !draft.tls)) return false
  return typedSecret(draft) === ''
}

const typedSecret = (draft: Draft): string =>
  ({ none: '', apiKey: draft.apiKey, certificate: draft.certificate + draft.key, header: draft.headerValue })[draft.signIn]

/** The settings as the API takes them. */
export function settingsOf(draft: Draft, stored: ConnectionDetails | null) {
  return {
    address: draft.address.trim(),
    namespace: draft.namespace.trim(),
    scope: draft.scope.trim().replace(/\s+/g, ' '),
    level: draft.level,
    visibilityPerSecond: Number(draft.visibilityPerSecond),
    historyPerSecond: Number(draft.historyPerSecond),
    uiAddress: draft.uiAddress.trim() || null,
    httpAddress: draft.httpAddress.trim() || null,
    codecAddress: draft.codecAddress.trim() || null,
    credentials: credentialsOf(draft, stored),
  }
}

function credentialsOf(draft: Draft, stored: ConnectionDetails | null): CredentialsInput {
  const trust: CredentialsInput = {
    tls: draft.tls,
    serverName: (draft.tls && draft.serverName.trim()) || null,
    ...(!(draft.tls && draft.keepsServerCa) && { serverCa: (draft.tls && draft.serverCa.trim()) || null }),
  }
  if (keepsSecrets(draft, stored)) return trust
  return {
    ...trust,
    apiKey: draft.signIn === 'apiKey' ? draft.apiKey.trim() : null,
    clientCertificate: draft.signIn === 'certificate' ? { certificate: draft.certificate, key: draft.key } : null,
    headers: draft.signIn === 'header' ? [{ name: draft.headerName.trim(), value: draft.headerValue.trim() }] : null,
  }
}
