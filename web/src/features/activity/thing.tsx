import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '../../api/client.ts'
import type { AuditLine } from '../../api/types.ts'
import { versionOf } from '../../lib/activity.ts'
import { Foreign } from '../../ui/text.tsx'

const NOUNS: Record<NonNullable<AuditLine['about']>['kind'], string> = {
  execution: 'a run', workflow: 'a workflow', connection: 'a connection', service: 'a service', component: 'a component', member: 'a member', project: 'the project',
}

/** What a line is about, under the name that it had then; a link to where it is found, where it still is. */
export function Thing({ line, thing, projectId }: { line: AuditLine; thing: string | null; projectId: string }) {
  const name = thing ?? (line.about && NOUNS[line.about.kind])
  if (name === null) return null
  const shown = <Foreign text={name} longest={80} />
  return <Place line={line} projectId={projectId} otherwise={<b>{shown}</b>}>{shown}</Place>
}

function Place({ line, projectId, otherwise, children }: { line: AuditLine; projectId: string; otherwise: ReactNode; children: ReactNode }) {
  const project = useQuery(api.project.get.queryOptions({ projectId }, { staleTime: 60_000 }))
  const params = { projectId }
  const { about } = line
  switch (about?.kind) {
    case 'execution': return <Link to="/executions/$executionId" params={{ executionId: about.id }}>{children}</Link>
    case 'workflow': {
      const version = versionOf(line)
      if (version !== null) return <Link to="/workflows/$workflowId/builder" params={{ workflowId: about.id }} search={{ version }}>{children}</Link>
      return <Link to="/workflows/$workflowId" params={{ workflowId: about.id }} search={{}}>{children}</Link>
    }
    case 'connection': return <Link to="/projects/$projectId/connections" params={params} search={{}}>{children}</Link>
    case 'service':
    case 'component': return <Link to="/projects/$projectId/components" params={params} search={{}}>{children}</Link>
    // Nobody but owners has that page.
    case 'member': return project.data?.role === 'owner' ? <Link to="/projects/$projectId/members" params={params}>{children}</Link> : otherwise
    case 'project':
      if (line.action.startsWith('privacy.') || line.action.startsWith('retention.')) return <Link to="/projects/$projectId/privacy" params={params}>{children}</Link>
      if (line.action.startsWith('sync.')) return <Link to="/projects/$projectId/set-aside" params={params}>{children}</Link>
      if (line.action.startsWith('service.')) return <Link to="/projects/$projectId/components" params={params} search={{}}>{children}</Link>
      return <Link to="/projects/$projectId" params={params}>{children}</Link>
    case undefined: return otherwise
  }
}
