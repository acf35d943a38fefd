import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '../api/client.ts'
import { Bone, Problem } from '../ui/states.tsx'
import { PageTabs } from '../ui/tabs.tsx'
import { Foreign } from '../ui/text.tsx'
import { LevelMenu } from './backfill/level-menu.tsx'
import { useShortcuts } from './keyboard.ts'
import { Shell } from './shell.tsx'

/** Head and tabs of a workflow page. */
export function WorkflowFrame(props: { workflowId: string; tab: string; actions?: ReactNode; children: ReactNode }) {
  const { workflowId } = props
  const navigate = useNavigate()
  const workflow = useQuery(api.workflow.get.queryOptions({ workflowId }, { staleTime: 30_000 }))
  const projectId = workflow.data?.projectId
  const project = useQuery({ ...api.project.get.queryOptions({ projectId: projectId ?? '' }, { staleTime: 60_000 }), enabled: projectId !== undefined })
  useShortcuts({
    'g h': () => void navigate({ to: '/workflows/$workflowId', params: { workflowId } }),
    'g s': () => void navigate({ to: '/workflows/$workflowId/statistics', params: { workflowId } }),
    ...(workflow.data?.kind === 'built' && { 'g b': () => void navigate({ to: '/workflows/$workflowId/builder', params: { workflowId }, search: {} }) }),
  })
  const name = workflow.data?.name ?? 'Workflow'
  return (
    <Shell
      projectId={projectId}
      title={`${name} · ${props.tab}`}
      crumbs={[
        { label: 'All projects', to: '/' },
        { label: project.data?.name ?? '…', ...(projectId && { to: `/projects/${projectId}` }) },
        { label: name },
      ]}
    >
      <div className="title">
        <h1>{workflow.data ? <Foreign text={name} longest={120} /> : <><span className="unseen">Loading the workflow</span><Bone width={200} height={22} /></>}</h1>
        {workflow.data && <span className="pill mute">{workflow.data.kind}</span>}
        <span id="title-state" />
        <div className="title-actions" id="title-actions">{props.actions}</div>
      </div>
      {workflow.error && !workflow.data ? (
        <Problem error={workflow.error} what="this workflow" retry={() => void workflow.refetch()} />
      ) : (
        <>
          {workflow.data && <LevelMenu workflow={workflow.data} />}
          <PageTabs label="Workflow">
            {workflow.data?.kind === 'built' && <Link to="/workflows/$workflowId/builder" params={{ workflowId }} search={{}} activeOptions={{ includeSearch: false }}>Builder</Link>}
            <Link to="/workflows/$workflowId" params={{ workflowId }} activeOptions={{ exact: true, includeSearch: false }}>Execution history</Link>
            <Link to="/workflows/$workflowId/statistics" params={{ workflowId }} activeOptions={{ includeSearch: false }}>Statistics</Link>
          </PageTabs>
          {props.children}
        </>
      )}
    </Shell>
  )
}
