import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api, queryClient } from '../api/client.ts'
import { counted } from '../lib/figure.ts'
import { connectionLook } from '../lib/connection.ts'
import { Icon } from '../ui/icon.tsx'
import { Bone, Problem } from '../ui/states.tsx'
import { LookPill } from '../ui/status-pill.tsx'
import { PageTabs } from '../ui/tabs.tsx'
import { Foreign } from '../ui/text.tsx'
import { Badge, useAttention } from './attention/rail-link.tsx'
import { Backfills } from './backfill/backfills.tsx'
import { Shell } from './shell.tsx'

/** The page that says it anyway. */
export const SET_ASIDE = 'Set aside'

/** Head and tabs of a project page. */
export function ProjectFrame(props: { projectId: string; tab: string; actions?: ReactNode; children: ReactNode }) {
  const { projectId } = props
  const project = useQuery(api.project.get.queryOptions({ projectId }, { refetchInterval: 10_000 }))
  const attention = useAttention(projectId)
  const name = project.data?.name ?? 'Project'
  const connection = project.data?.connection
  const isAway = connection?.state === 'unreachable' || connection?.state === 'refused'
  return (
    <Shell projectId={projectId} title={`${name} · ${props.tab}`} crumbs={[{ label: 'All projects', to: '/' }, { label: name }]}>
      <div className="title">
        <h1>{project.data ? <Foreign text={name} longest={120} /> : <><span className="unseen">Loading the project</span><Bone width={160} height={22} /></>}</h1>
        {project.data?.connection && (
          <Link to="/projects/$projectId/connections" params={{ projectId }} search={{}} aria-label={`Connection: ${connectionLook(project.data.connection.state).label}`}>
            <LookPill look={connectionLook(project.data.connection.state)} />
          </Link>
        )}
        <div className="title-actions">{props.actions}</div>
      </div>
      {project.error && !project.data ? (
        <Problem error={project.error} what="this project" retry={() => void project.refetch()} />
      ) : (
        <>
          <div className="notices">
            {isAway && (
              <div className="notice warn" role="status">
                <Icon name="alert" />
                <span>
                  <Foreign text={connection.error ?? 'Temporal does not answer; no reason was given.'} /> What was copied stays here;
                  nothing new arrives. <Link to="/projects/$projectId/connections" params={{ projectId }} search={{}}>See the connection</Link>
                </span>
              </div>
            )}
            {project.data?.connection?.notice && (
              <div className="notice info" role="status">
                <Icon name="info" />
                <span><Foreign text={project.data.connection.notice} /></span>
              </div>
            )}
            <Backfills projectId={projectId} awayId={isAway ? (connection?.id ?? null) : null} />
            {props.tab !== SET_ASIDE && <SetAside projectId={projectId} />}
          </div>
          <PageTabs label="Project">
            <Link to="/projects/$projectId" params={{ projectId }} activeOptions={{ exact: true }}>Workflows</Link>
            <Link to="/projects/$projectId/runs" params={{ projectId }} activeOptions={{ includeSearch: false }} search={{}}>Runs</Link>
            <Link to="/projects/$projectId/statistics" params={{ projectId }}>Statistics</Link>
            <Link to="/projects/$projectId/attention" params={{ projectId }}>Needs attention<Badge count={attention.data?.total ?? 0} /></Link>
            <Link to="/projects/$projectId/schedules" params={{ projectId }} search={{}}>Schedules</Link>
            <Link to="/projects/$projectId/components" params={{ projectId }} search={{}}>Components</Link>
            <Link to="/projects/$projectId/connections" params={{ projectId }} search={{}}>Connections</Link>
            {project.data?.role === 'owner' && <Link to="/projects/$projectId/members" params={{ projectId }}>Members</Link>}
            <Link to="/projects/$projectId/activity" params={{ projectId }}>Activity</Link>
            <Link to="/projects/$projectId/privacy" params={{ projectId }}>Privacy</Link>
          </PageTabs>
          {props.children}
        </>
      )}
    </Shell>
  )
}

/** How many runs could not be copied ten times over, and the way to them. */
function SetAside({ projectId }: { projectId: string }) {
  const list = useQuery(api.sync.setAside.queryOptions({ projectId }, { refetchInterval: 30_000 }))
  if (!list.data || list.data.total === 0) return null
  return (
    <div className="notice warn" role="status">
      <Icon name="alert" />
      <span className="grow">{counted(list.data.total, 'run')} could not be copied and {list.data.total === 1 ? 'was' : 'were'} set aside.</span>
      <Link className="notice-action" to="/projects/$projectId/set-aside" params={{ projectId }}>Show why</Link>
    </div>
  )
}

export function TryAgain({ executionId }: { executionId: string }) {
  const again = useMutation(api.execution.tryAgain.mutationOptions({ onSettled: () => queryClient.invalidateQueries() }))
  return (
    <button type="button" className="button" disabled={again.isPending} onClick={() => again.mutate({ executionId })}>
      <Icon name="retry" /> {again.isPending ? 'Trying…' : 'Try again'}
    </button>
  )
}
