import type { AuditLine } from '../api/types.ts'

/** What a line of the audit log says after the person's name: `words`, and the thing that it was done to. */
export type Told = { words: string; thing: string | null; more: string | null; link: 'execution' | 'workflow' | null }

type Details = Record<string, unknown>

const text = (details: Details, name: string): string | null => {
  const value = details[name]
  return typeof value === 'string' && value !== '' ? value : null
}

export function tell(line: AuditLine): Told {
  const details: Details = typeof line.details === 'object' && line.details !== null ? { ...line.details } : {}
  const name = text(details, 'name')
  const run = text(details, 'temporalWorkflowId')
  const of = (words: string, thing: string | null = null, more: string | null = null, link: Told['link'] = null): Told => ({ words, thing, more, link })
  switch (line.action) {
    case 'project.create': return of('made the project', name)
    case 'project.update': return of('renamed the project to', name, before(details, 'nameBefore'))
    case 'connection.create': return of('added the connection to', place(details))
    case 'connection.update': return of('changed the connection to', place(details), details['credentials'] === true ? 'with new credentials' : null)
    case 'connection.decode': return of(details['decodes'] === true ? 'had values decoded while they are copied, by' : 'had values decoded only when somebody looks, by', text(details, 'codecAddress'))
    case 'backfill.start': return of(details['none'] === true ? 'said that no older runs are copied' : 'started to have older runs copied')
    case 'backfill.cancel': return of('stopped the copying of older runs')
    case 'service.create': return of('added the service', name)
    case 'service.update': return of('changed the service', name)
    case 'service.remove': return of('removed the service', name)
    case 'service.test': return of('tried the service', name)
    case 'service.networks': return of('said which networks nodes may reach', Array.isArray(details['networks']) ? details['networks'].join(', ') : null)
    case 'component.register': return of('wrote down the component', line.target)
    case 'component.remove': return of('removed the component', line.target)
    case 'member.add': return of('made a member of', name, right(details))
    case 'member.update': return of('changed what may be done by', name, right(details))
    case 'member.remove': return of('removed the member', name)
    case 'workflow.create': return of('made the workflow', name, null, 'workflow')
    case 'workflow.register': return of('registered the drawing', name, null, 'workflow')
    case 'workflow.level': return of('changed how much is copied of', 'a workflow', text(details, 'level'), 'workflow')
    case 'workflow.run': return of('started the run', run ?? line.target)
    case 'version.save': return of('saved a version of', name ?? 'a workflow', null, 'workflow')
    case 'execution.cancel': return of('asked to end', run, text(details, 'reason'), 'execution')
    case 'execution.terminate': return of('terminated', run, text(details, 'reason'), 'execution')
    case 'execution.approve': return of('approved in', run, text(details, 'node'), 'execution')
    case 'execution.reject': return of('rejected in', run, text(details, 'node'), 'execution')
    case 'execution.tryAgain': return of('had copied again', run, null, 'execution')
    case 'sync.tryAgainAll': return of('had everything copied again that was set aside')
    case 'execution.erase': return of('erased runs for good')
    case 'privacy.rules': return of('changed what is hidden in values before they are stored')
    case 'privacy.redact': return of('had values hidden that were stored already')
    case 'values.see': return of('saw the values of', run, null, 'execution')
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
  return role === null ? null : `${role}, ${details['seesPayloads'] === false ? 'without values' : 'with values'}`
}
