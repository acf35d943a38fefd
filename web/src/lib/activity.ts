import type { AuditLine } from '../api/types.ts'
import { keptFor } from './retention.ts'

/** What a line of the audit log says after the person's name: `words`, and the thing that it was done to. */
export type Told = { words: string; thing: string | null; more: string | null }

export type Details = Record<string, unknown>

export const text = (details: Details, name: string): string | null => {
  const value = details[name]
  return typeof value === 'string' && value !== '' ? value : null
}

export const detailsOf = (line: AuditLine): Details => (typeof line.details === 'object' && line.details !== null ? { ...line.details } : {})

export function tell(line: AuditLine): Told {
  const details = detailsOf(line)
  const name = text(details, 'name')
  const run = text(details, 'temporalWorkflowId')
  const of = (words: string, thing: string | null = null, more: string | null = null): Told => ({ words, thing, more })
  switch (line.action) {
    case 'project.create': return of('made the project', name)
    case 'project.update': return of('renamed the project to', name, before(details, 'nameBefore'))
    case 'connection.create': return of('added the connection to', place(details))
    case 'connection.update': return of('changed the connection to', place(details), details['credentials'] === true ? 'with new credentials' : null)
    case 'connection.decode': return of(details['decodes'] === true ? 'had values decoded while they are copied, by' : 'had values decoded only when somebody looks, by', text(details, 'codecAddress'))
    case 'backfill.start': return details['none'] === true ? of('said not to copy', 'older runs') : of('started the copying of', 'older runs')
    case 'backfill.cancel': return of('stopped the copying of', 'older runs')
    case 'service.create': return of('added the service', name)
    case 'service.update': return of('changed the service', name)
    case 'service.remove': return of('removed the service', name)
    case 'service.test': return of('tried the service', name)
    case 'service.networks': return of('said which networks nodes may reach:', Array.isArray(details['networks']) && details['networks'].length > 0 ? details['networks'].join(', ') : 'none but the public one')
    case 'component.register': return of('wrote down the component', line.target)
    case 'component.remove': return of('removed the component', line.target)
    case 'member.add': return of('made a member of', name, right(details))
    case 'member.update': return of('changed what may be done by', name, right(details))
    case 'member.remove': return of('removed the member', name, group(details))
    case 'workflow.create': return of('made the workflow', name)
    case 'workflow.register': return of('registered the drawing', name)
    case 'workflow.level': return of('changed how much is copied of', 'a workflow', text(details, 'level'))
    case 'workflow.run': return of('started the run', run ?? line.target)
    case 'version.save': return of('saved a version of', name ?? 'a workflow')
    case 'execution.cancel': return of('asked to end', run, text(details, 'reason'))
    case 'execution.terminate': return of('terminated', run, text(details, 'reason'))
    case 'execution.approve': return of('approved in', run, text(details, 'node'))
    case 'execution.reject': return of('rejected in', run, text(details, 'node'))
    case 'execution.tryAgain': return of('had copied again', run)
    case 'sync.tryAgainAll': return of('had copied again', 'everything that was set aside')
    case 'execution.erase': return of('erased runs for good')
    case 'privacy.rules': return of('changed', 'what is hidden in values before they are stored')
    case 'privacy.redact': return of('had hidden', 'values that were stored already')
    case 'retention.change': return of('changed', 'how long runs are kept', keptFor(typeof details['keepDays'] === 'number' ? details['keepDays'] : null))
    case 'values.see': return of('saw the values of', run)
    default: return of(line.action, line.target)
  }
}

const before = (details: Details, name: string): string | null => {
  const value = text(details, name)
  return value === null ? null : `before: ${value}`
}

const place = (details: Details): string | null => {
  const [address, namespace] = [text(details, 'address'), text(details, 'namespace')]
  return address === null || namespace === null ? null : `${namespace} at ${address}`
}

const right = (details: Details): string | null => {
  const role = text(details, 'role')
  if (role === null) return null
  const said = `${role}, ${details['seesPayloads'] === false ? 'without values' : 'with values'}`
  return [said, group(details)].filter((each) => each !== null).join(', ')
}

const group = (details: Details): string | null => {
  const [name, left] = [text(details, 'group'), text(details, 'groupBefore')]
  if (name !== null) return `by the group ${name}`
  return left === null ? null : `no more by the group ${left}`
}

/** The version of a drawing that a line says was saved. */
export function versionOf(line: AuditLine): number | null {
  const version = line.action === 'version.save' ? detailsOf(line)['version'] : null
  return typeof version === 'number' ? version : null
}
