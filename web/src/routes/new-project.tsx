import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api, queryClient } from '../api/client.ts'
import { Field, Group } from '../ui/field.tsx'
import { ConnectionForm } from '../features/connection/form.tsx'
import { Shell } from '../features/shell.tsx'
import '../styles/connection.css'

export function NewProjectPage() {
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const create = useMutation(
    api.project.create.mutationOptions({
      onSuccess: async (project) => {
        await queryClient.invalidateQueries()
        await navigate({ to: '/projects/$projectId/connections', params: { projectId: project.id }, search: {} })
      },
    }),
  )
  return (
    <Shell title="New project" crumbs={[{ label: 'All projects', to: '/' }, { label: 'New project' }]}>
      <div className="title"><h1>New project</h1></div>
      <div className="connections spaced">
        <ConnectionForm
          stored={null}
          label="New project"
          save="Make the project"
          saving={create.isPending}
          error={create.error}
          onSave={(connection) => create.mutate({ name: name.trim(), connection })}
          onCancel={() => void navigate({ to: '/' })}
          before={
            <Group title="The project" about="It looks at one Temporal namespace, or at a part of it. More can be added later.">
              <Field label="Name">
                {(field) => <input {...field} required maxLength={100} pattern=".*\S.*" value={name} onChange={(event) => setName(event.target.value)} />}
              </Field>
            </Group>
          }
        />
      </div>
    </Shell>
  )
}
