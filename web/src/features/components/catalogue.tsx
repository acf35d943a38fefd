import { useMutation } from '@tanstack/react-query'
import { api, queryClient } from '../../api/client.ts'
import type { CatalogueComponent } from '../../api/types.ts'
import { Foreign, Id } from '../../ui/text.tsx'
import { Refusal } from './refusal.tsx'
import { Remove } from './service-panel.tsx'

const SOURCES: Record<CatalogueComponent['source'], string> = { built_in: 'built in', worker: 'announced by a worker', person: 'written down here' }

/** What can be put on a drawing, by category. */
export function Catalogue({ projectId, components, mayChange }: { projectId: string; components: CatalogueComponent[]; mayChange: boolean }) {
  const onSettled = () => queryClient.invalidateQueries({ queryKey: api.component.list.queryKey({ projectId }) })
  const remove = useMutation(api.component.remove.mutationOptions({ onSettled }))
  return (
    <div className="panel">
      <ul className="catalogue-list">
        {components.map((component) => (
          <li key={component.type}>
            <div className="row">
              <strong><Foreign text={component.name} longest={80} /></strong>
              <span className="sub"><Foreign text={component.category} longest={40} /></span>
              <span className="grow" />
              <span className="sub">{SOURCES[component.source]}</span>
              {mayChange && component.source !== 'built_in' && (
                <Remove name={component.name} isPending={remove.isPending} onRemove={() => remove.mutate({ projectId, type: component.type })} />
              )}
            </div>
            {component.description && <p><Foreign text={component.description} longest={400} /></p>}
            <p className="sub"><Id text={component.type} longest={80} />{component.taskQueue && <> on <Id text={component.taskQueue} longest={80} /></>}</p>
          </li>
        ))}
      </ul>
      <Refusal error={remove.error} />
    </div>
  )
}
