import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { PAGE, RunHistory } from '../features/history/run-history.tsx'
import { ProjectFrame } from '../features/project-frame.tsx'
import { Empty } from '../ui/states.tsx'

const FROM = '/projects/$projectId/runs'

export function ProjectRunsPage() {
  const { projectId } = useParams({ from: FROM })
  const search = useSearch({ from: FROM })
  const runs = useQuery(api.execution.getProjectHistory.queryOptions({ projectId, limit: PAGE, ...search }, { refetchInterval: 5000 }))
  return (
    <ProjectFrame projectId={projectId} tab="Runs">
      <RunHistory query={runs} counts={null} what="the runs of this project" search={search} empty={<NoRuns />} named />
    </ProjectFrame>
  )
}

function NoRuns() {
  return <Empty title="No runs yet"><p>Every run in the namespaces that this project looks at appears here by itself.</p></Empty>
}
