import type { AuditLine } from '../api/types.ts'
import { type Details, detailsOf, text, type Told } from './activity.ts'

const WAYS: Record<string, string> = { link: 'with a link', password: 'with the password', oidc: 'with single sign-on' }
const SCOPES: Record<string, string> = { read: 'may read', sync: 'may read and copy runs', admin: 'may do everything' }

/** Who did it, of whom the installation's log names nobody. */
export function whoDid(line: AuditLine): string {
  return line.by ?? (detailsOf(line)['byProvider'] === true ? 'Single sign-on' : 'Somebody at the command line')
}

/** What a line of the installation's log says after who did it. */
export function tellInstallation(line: AuditLine): Told {
  const details = detailsOf(line)
  const whom = text(details, 'of')
  const isOwn = line.by !== null && line.by === whom
  const of = (words: string, thing: string | null = whom, more: string | null = null): Told => ({ words, thing, more })
  switch (line.action) {
    case 'session.open': return of(`signed in ${WAYS[text(details, 'method') ?? ''] ?? ''}`.trim(), null, from(details))
    case 'session.end': return isOwn ? of('signed out', null) : of('signed out')
    case 'token.create': return of('made the token', text(details, 'name'), token(details, isOwn ? null : whom))
    case 'token.revoke': return of('revoked the token', text(details, 'name'), token(details, isOwn ? null : whom))
    case 'user.create': return of(line.by === null && details['byProvider'] === true ? 'let in for the first time' : 'added', whom, details['isAdmin'] === true ? 'as an administrator' : null)
    case 'user.password': return isOwn ? of('set their own password', null) : of('set the password of')
    case 'user.link': return of('linked', whom, text(details, 'issuer'))
    case 'user.update': return changed(details, of)
    default: return of(line.action)
  }
}

function changed(details: Details, of: (words: string, thing?: string | null, more?: string | null) => Told): Told {
  if (details['isAdmin'] === true) return of('made an administrator:')
  if (details['isAdmin'] === false) return of('took administration away from')
  if (details['disabled'] === true) return of('disabled')
  if (details['disabled'] === false) return of('let in again')
  const [before, email] = [text(details, 'nameBefore'), text(details, 'email')]
  const said = [before !== null && before !== text(details, 'of') ? `before: ${before}` : null, email]
  return of('changed the name or the address of', undefined, said.filter((each) => each !== null).join(' · ') || null)
}

const from = (details: Details): string | null => {
  const address = text(details, 'address')
  return address === null ? null : `from ${address}`
}

const token = (details: Details, whom: string | null): string => {
  const scope = SCOPES[text(details, 'scope') ?? ''] ?? 'of an unknown scope'
  const where = text(details, 'projectId') === null ? 'in all projects' : 'in one project'
  return `${whom === null ? '' : `of ${whom}, `}${scope}, ${where}`
}
