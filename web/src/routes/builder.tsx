import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { api } from '../api/client.ts'
import { Builder, BuilderBones } from '../features/builder/builder.tsx'
import { WorkflowFrame } from '../features/workflow-frame.tsx'
import { Empty } from '../ui/states.tsx'

const FROM = '/workflows/$workflowId/builder'

export function BuilderPage() {
  const { workflowId } = useParams({ from: FROM })
  return (
    <WorkflowFrame workflowId={workflowId} tab="Builder">
      <BuilderOf key={workflowId} workflowId={workflowId} />
    </WorkflowFrame>
  )
}

function BuilderOf({ workflowId }: { workflowId: string }) {
  const { node, version } = useSearch({ from: FROM })
  const navigate = useNavigate({ from: FROM })
  const workflow = useQuery(api.workflow.get.queryOptions({ workflowId }, { staleTime: 30_000 }))
  const projectId = workflow.data?.projectId
  const project = useQuery({ ...api.project.get.queryOptions({ projectId: projectId ?? '' }, { staleTime: 60_000 }), enabled: projectId !== undefined })
  const put = useCallback((id: string | undefined) => void navigate({ search: ({ node: _, ...rest }) => (id === undefined ? rest : { ...rest, node: id }), replace: true, resetScroll: false }), [navigate])
  const look = useCallback((other: number | null) => void navigate({ search: ({ version: _, ...rest }) => (other === null ? rest : { ...rest, version: other }), replace: true, resetScroll: false }), [navigate])
  if (!workflow.data || !project.data || projectId === undefined) return <BuilderBones />
  if (workflow.data.kind !== 'built') {
    return <Empty title="This workflow is not built here"><p>It was found in Temporal, where its own code says what it does. Make a new workflow on the project’s page to draw one.</p></Empty>
  }
  return <Builder workflowId={workflowId} projectId={projectId} canEdit={project.data.role !== 'viewer'} node={node} looking={version ?? null} onLook={look} onNode={put} onOpen={(other) => void navigate({ to: FROM, params: { workflowId: other }, search: {} })} />
}
