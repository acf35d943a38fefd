import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { api, queryClient } from '../api/client.ts'
import type { Service, Services } from '../api/types.ts'
import { Catalogue } from '../features/components/catalogue.tsx'
import { ComponentForm } from '../features/components/component-form.tsx'
import { Networks } from '../features/components/networks.tsx'
import { ServiceForm } from '../features/components/service-form.tsx'
import { ServicePanel } from '../features/components/service-panel.tsx'
import { ProjectFrame } from '../features/project-frame.tsx'
import { Bone, Empty, Problem } from '../ui/states.tsx'
import '../styles/components.css'

const PATH = '/projects/$projectId/components'

/** What drawings are made of: the services that nodes reach, and the catalogue. */
export function ComponentsPage() {
  const { projectId } = useParams({ from: PATH })
  return (
    <ProjectFrame projectId={projectId} tab="Components">
      <Components projectId={projectId} />
    </ProjectFrame>
  )
}

function Components({ projectId }: { projectId: string }) {
  const services = useQuery(api.service.list.queryOptions({ projectId }))
  const catalogue = useQuery(api.component.list.queryOptions({ projectId }))
  const { edit } = useSearch({ from: PATH })
  if (services.error && !services.data) return <Problem error={services.error} what="the services" retry={() => void services.refetch()} />
  if (catalogue.error && !catalogue.data) return <Problem error={catalogue.error} what="the catalogue" retry={() => void catalogue.refetch()} />
  if (!services.data || !catalogue.data) return <div className="panel stack" aria-hidden="true"><Bone width={260} height={20} /><Bone width={180} /></div>
  const mayChange = services.data.role !== 'viewer'
  return (
    <div className="components">
      <ServicesPart projectId={projectId} services={services.data} edit={mayChange ? edit : undefined} />
      <section className="stack" aria-label="Catalogue">
        <div className="row">
          <h2>Components</h2>
          <span className="sub">what can be put on a drawing</span>
          <span className="grow" />
          {mayChange && edit !== 'new-component' && <Link to={PATH} params={{ projectId }} search={{ edit: 'new-component' }} className="button">Add a component</Link>}
        </div>
        {mayChange && edit === 'new-component' && <NewComponent projectId={projectId} />}
        <Catalogue projectId={projectId} components={catalogue.data.items} mayChange={mayChange} />
      </section>
    </div>
  )
}

function ServicesPart({ projectId, services, edit }: { projectId: string; services: Services; edit: string | undefined }) {
  const mayChange = services.role !== 'viewer'
  return (
    <section className="stack" aria-label="Services">
      <div className="row">
        <h2>Services</h2>
        <span className="sub">what HTTP requests and SQL queries reach by name</span>
        <span className="grow" />
        {mayChange && edit !== 'new-service' && <Link to={PATH} params={{ projectId }} search={{ edit: 'new-service' }} className="button">Add a service</Link>}
      </div>
      {edit === 'new-service' && <NewServiceForm projectId={projectId} />}
      {services.items.length === 0 && edit !== 'new-service' && (
        <Empty title="No services yet">
          <p>{mayChange ? 'Add a database or a web service, with what signs in to it. Nodes then name it, and nobody has to write a password on a drawing.' : 'Ask an owner or editor of the project to add one.'}</p>
        </Empty>
      )}
      {services.items.map((service) =>
        edit === service.id
          ? <Change key={service.id} projectId={projectId} service={service} />
          : <ServicePanel key={service.id} projectId={projectId} service={service} mayChange={mayChange} />,
      )}
      <Networks key={services.networks.join()} projectId={projectId} networks={services.networks} mayChange={services.role === 'owner'} />
    </section>
  )
}

/** Back to the lists, which then show what was saved. */
function useBack(projectId: string): () => Promise<void> {
  const navigate = useNavigate()
  return async () => {
    await queryClient.invalidateQueries()
    await navigate({ to: PATH, params: { projectId }, search: {} })
  }
}

function NewServiceForm({ projectId }: { projectId: string }) {
  const back = useBack(projectId)
  const create = useMutation(api.service.create.mutationOptions({ onSuccess: back }))
  return <ServiceForm stored={null} saving={create.isPending} error={create.error} onSave={(saved) => create.mutate({ projectId, ...saved })} onCancel={() => void back()} />
}

function Change({ projectId, service }: { projectId: string; service: Service }) {
  const back = useBack(projectId)
  const update = useMutation(api.service.update.mutationOptions({ onSuccess: back }))
  return <ServiceForm stored={service} saving={update.isPending} error={update.error} onSave={(saved) => update.mutate({ serviceId: service.id, ...saved })} onCancel={() => void back()} />
}

function NewComponent({ projectId }: { projectId: string }) {
  const back = useBack(projectId)
  const register = useMutation(api.component.register.mutationOptions({ onSuccess: back }))
  const defaults = { icon: 'puzzle', retry: null, source: 'person' as const, timeouts: { startToCloseSeconds: null, scheduleToCloseSeconds: null, scheduleToStartSeconds: null, heartbeatSeconds: null } }
  return <ComponentForm saving={register.isPending} error={register.error} onSave={(written) => register.mutate({ projectId, component: { ...defaults, ...written } })} onCancel={() => void back()} />
}
