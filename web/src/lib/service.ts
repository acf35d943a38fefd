import type { NewService } from '../api/trpc.gen.ts'
import type { Service, ServiceSettings } from '../api/types.ts'
import type { Look } from './status.ts'

export type ServiceKind = ServiceSettings['kind']

/** What the form holds. The stored secret never comes here. */
export type ServiceDraft = {
  name: string
  kind: ServiceKind
  host: string
  port: string
  database: string
  user: string
  tls: 'verify' | 'require' | 'off'
  password: string
  baseUrl: string
  headerName: string
  headerValue: string
  forgets: boolean
}

export const TLS = [
  { tls: 'verify', label: 'Encrypted, certificate checked' },
  { tls: 'require', label: 'Encrypted, any certificate' },
  { tls: 'off', label: 'In plain text' },
] as const

export function draftOf(stored: Service | null): ServiceDraft {
  const settings = stored?.settings
  const database = settings?.kind === 'postgres' ? settings : null
  return {
    name: stored?.name ?? '',
    kind: settings?.kind ?? 'http',
    host: database?.host ?? '',
    port: String(database?.port ?? 5432),
    database: database?.database ?? '',
    user: database?.user ?? '',
    tls: database?.tls ?? 'verify',
    password: '',
    baseUrl: settings?.kind === 'http' ? settings.baseUrl : '',
    headerName: 'Authorization',
    headerValue: '',
    forgets: false,
  }
}

/** What to save. Without a new secret the stored one stays, unless it shall be forgotten. */
export function savedOf(draft: ServiceDraft): Omit<NewService, 'projectId'> {
  return { name: draft.name.trim(), settings: settingsOf(draft), ...secretOf(draft) }
}

function settingsOf(draft: ServiceDraft): ServiceSettings {
  if (draft.kind === 'http') return { kind: 'http', baseUrl: draft.baseUrl.trim() }
  const { host, port, database, user, tls } = draft
  return { kind: 'postgres', host: host.trim(), port: Number(port), database: database.trim(), user: user.trim(), tls }
}

function secretOf(draft: ServiceDraft): Pick<NewService, 'secret'> {
  if (draft.forgets) return { secret: {} }
  if (draft.kind === 'http') return draft.headerValue === '' ? {} : { secret: { headers: { [draft.headerName.trim()]: draft.headerValue } } }
  return draft.password === '' ? {} : { secret: { password: draft.password } }
}

/** Where it is, in one line. */
export function placeOf(settings: ServiceSettings): string {
  if (settings.kind === 'http') return settings.baseUrl
  return `${settings.user}@${settings.host}:${settings.port}/${settings.database}`
}

export function serviceLook(service: Service): Look {
  if (service.testError !== null) return { tone: 'bad', icon: 'cross', label: 'does not work' }
  if (service.testedAt !== null) return { tone: 'ok', icon: 'check', label: 'works' }
  return { tone: 'mute', icon: 'dots', label: 'not tested' }
}
