import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { ProjectFrame } from '../features/project-frame.tsx'
import { ScheduleRow } from '../features/schedule-row.tsx'
import { sourceTexts } from '../lib/schedule.ts'
import { Icon } from '../ui/icon.tsx'
import { Bone, Empty, Problem } from '../ui/states.tsx'
import { Foreign } from '../ui/text.tsx'
import '../styles/schedules.css'

export function SchedulesPage() {
  const { projectId } = useParams({ from: '/projects/$projectId/schedules' })
  return (
    <ProjectFrame projectId={projectId} tab="Schedules">
      <Schedules projectId={projectId} />
    </ProjectFrame>
  )
}

function Schedules({ projectId }: { projectId: string }) {
  const { schedule: wanted } = useSearch({ from: '/projects/$projectId/schedules' })
  const list = useQuery(api.schedule.list.queryOptions({ projectId }, { refetchInterval: 10_000 }))
  if (list.error && !list.data) return <Problem error={list.error} what="the schedules" retry={() => void list.refetch()} />
  if (!list.data) return <div className="panel schedule" aria-hidden="true"><Bone width={220} height={20} /><Bone width="60%" /></div>
  const { items, sources, hasMore } = list.data
  const notes = sourceTexts(sources)
  const isMissing = wanted !== undefined && !items.some((one) => one.scheduleId === wanted)
  return (
    <div className="schedules">
      {isMissing && <p className="notice info" role="status"><Icon name="info" /><span>The schedule <Foreign text={wanted} longest={100} /> is not known here: Temporal had deleted it before it was seen, or it has not been listed yet.</span></p>}
      {notes.map((text) => <p key={text} className="notice info" role="status"><Icon name="info" /><Foreign text={text} /></p>)}
      {items.length === 0 ? (
        <NoSchedules isListed={sources.some((source) => source.listedAt !== null)} hasSource={sources.length > 0} />
      ) : (
        <ul className="panel schedule-list" aria-label="Schedules">
          {items.map((one) => <ScheduleRow key={one.id} schedule={one} isWanted={one.scheduleId === wanted} />)}
        </ul>
      )}
      {hasMore && <p className="sub">Only the first {items.length} are shown.</p>}
    </div>
  )
}

function NoSchedules({ isListed, hasSource }: { isListed: boolean; hasSource: boolean }) {
  if (!hasSource) return <Empty title="No schedules"><p>This project has no connection to Temporal yet.</p></Empty>
  if (!isListed) return <Empty title="No schedules seen yet"><p>Temporal is asked for them once a minute.</p></Empty>
  return (
    <Empty title="No schedules">
      <p>A schedule starts runs of a workflow at set times. Create one with your SDK or <code>temporal schedule create</code>; it appears here within a minute.</p>
    </Empty>
  )
}
