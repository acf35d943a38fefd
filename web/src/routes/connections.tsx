import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { api, queryClient } from '../api/client.ts'
import type { ConnectionDetails } from '../api/types.ts'
import { ConnectionForm } from '../features/connection/form.tsx'
import { ConnectionPanel } from '../features/connection/panel.tsx'
import { ProjectFrame } from '../features/project-frame.tsx'
import { Bone, Empty, Problem } from '../ui/states.tsx'
import '../styles/connection.css'

export function ConnectionsPage() {
  const { projectId } = useParams({ from: '/projects/$projectId/connections' })
  return (
    <ProjectFrame projectId={projectId} tab="Connections">
      <Connections projectId={projectId} />
    </ProjectFrame>
  )
}

function Connections({ projectId }: { projectId: string }) {
  const { edit } = useSearch({ from: '/projects/$projectId/connections' })
  const list = useQuery(api.connection.list.queryOptions({ projectId }, { refetchInterval: 5000 }))
  if (list.error && !list.data) return <Problem error={list.error} what="the connections" retry={() => void list.refetch()} />
  if (!list.data) return <div className="panel connection" aria-hidden="true"><Bone width={260} height={20} /><Bone width={180} /></div>
  const mayChange = list.data.role !== 'viewer'
  return (
    <div className="connections">
      {list.data.items.length === 0 && edit !== 'new' && (
        <Empty title="This project looks at nothing yet">
          <p>{mayChange ? 'Add a connection to a Temporal namespace. Its runs appear by themselves; your workers stay as they are.' : 'Ask an owner or editor of the project to add a connection.'}</p>
        </Empty>
      )}
      {list.data.items.map((connection) =>
        mayChange && edit === connection.id
          ? <Change key={connection.id} connection={connection} />
          : <ConnectionPanel key={connection.id} connection={connection} mayChange={mayChange} />,
      )}
      {mayChange && edit === 'new' && <Add projectId={projectId} />}
      {mayChange && edit === undefined && (
        <div><Link to="/projects/$projectId/connections" params={{ projectId }} search={{ edit: 'new' }} className="button">Add a connection</Link></div>
      )}
    </div>
  )
}

/** Back to the list, which then shows what was saved. */
function useBack(projectId: string): () => Promise<void> {
  const navigate = useNavigate()
  return async () => {
    await queryClient.invalidateQueries()
    await navigate({ to: '/projects/$projectId/connections', params: { projectId }, search: {} })
  }
}

function Change({ connection }: { connection: ConnectionDetails }) {
  const back = useBack(connection.projectId)
  const save = useMutation(api.connection.update.mutationOptions({ onSuccess: back }))
  return (
    <ConnectionForm
      stored={connection}
      label={`Change the connection to ${connection.namespace}`}
      save="Save"
      saving={save.isPending}
      error={save.error}
      onSave={(settings) => save.mutate({ connectionId: connection.id, ...settings })}
      onCancel={() => void back()}
    />
  )
}

function Add({ projectId }: { projectId: string }) {
  const back = useBack(projectId)
  const save = useMutation(api.connection.create.mutationOptions({ onSuccess: back }))
  return (
    <ConnectionForm
      stored={null}
      label="Add a connection"
      save="Add it"
      saving={save.isPending}
      error={save.error}
      onSave={(settings) => save.mutate({ projectId, ...settings })}
      onCancel={() => void back()}
    />
  )
}
