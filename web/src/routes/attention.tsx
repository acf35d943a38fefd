import { useParams } from '@tanstack/react-router'
import { AttentionOverview } from '../features/attention/overview.tsx'
import { ProjectFrame } from '../features/project-frame.tsx'
import { Shell } from '../features/shell.tsx'

export function AttentionPage() {
  return (
    <Shell title="Needs attention" crumbs={[{ label: 'All projects', to: '/' }, { label: 'Needs attention' }]}>
      <div className="title">
        <h1>Needs attention</h1>
      </div>
      <AttentionOverview />
    </Shell>
  )
}

export function ProjectAttentionPage() {
  const { projectId } = useParams({ from: '/projects/$projectId/attention' })
  return (
    <ProjectFrame projectId={projectId} tab="Needs attention">
      <AttentionOverview projectId={projectId} />
    </ProjectFrame>
  )
}
