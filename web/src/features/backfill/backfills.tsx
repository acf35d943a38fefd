import { useQuery } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import '../../styles/backfill.css'
import { HowFarBack } from './how-far-back.tsx'
import { BackfillProgress } from './progress.tsx'

/** A project's question of how far back, and the jobs that are under way; `awayId`: a connection that cannot be asked what it would cost. */
export function Backfills({ projectId, awayId }: { projectId: string; awayId: string | null }) {
  const list = useQuery(
    api.backfill.list.queryOptions({ projectId }, { refetchInterval: (query) => (query.state.data?.items.some(isActive) ? 2000 : 15_000) }),
  )
  if (!list.data) return null
  const mayChange = list.data.role !== 'viewer'
  return (
    <>
      {list.data.unanswered.filter(({ connectionId }) => connectionId !== awayId).map((connection) => <HowFarBack key={connection.connectionId} connection={connection} mayChange={mayChange} />)}
      {list.data.items.filter(isActive).map((job) => <BackfillProgress key={job.id} job={job} mayChange={mayChange} />)}
    </>
  )
}

function isActive(job: { state: string }): boolean {
  return job.state === 'waiting' || job.state === 'running'
}
