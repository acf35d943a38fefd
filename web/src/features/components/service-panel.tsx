import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api, queryClient } from '../../api/client.ts'
import type { Service } from '../../api/types.ts'
import { placeOf, serviceLook } from '../../lib/service.ts'
import { Icon } from '../../ui/icon.tsx'
import { Age } from '../../ui/moment.tsx'
import { LookPill } from '../../ui/status-pill.tsx'
import { Foreign, Id } from '../../ui/text.tsx'
import { Refusal } from './refusal.tsx'

/** One service: where it is, how its last test went, and what can be done with it. */
export function ServicePanel({ projectId, service, mayChange }: { projectId: string; service: Service; mayChange: boolean }) {
  const onSettled = () => queryClient.invalidateQueries({ queryKey: api.service.list.queryKey({ projectId }) })
  const test = useMutation(api.service.test.mutationOptions({ onSettled }))
  const remove = useMutation(api.service.remove.mutationOptions({ onSettled }))
  return (
    <article className="panel stack" aria-label={`Service ${service.name}`}>
      <div className="row">
        <h3><Foreign text={service.name} longest={60} /></h3>
        <LookPill look={serviceLook(service)} />
        {service.testedAt && <span className="sub">tested <Age iso={service.testedAt} /></span>}
        <span className="grow" />
        {mayChange && (
          <span className="row">
            <button type="button" className="button" disabled={test.isPending} onClick={() => test.mutate({ serviceId: service.id })}>
              <Icon name="sync" /> {test.isPending ? 'Testing…' : 'Test'}
            </button>
            <Link to="/projects/$projectId/components" params={{ projectId }} search={{ edit: service.id }} className="button">Change</Link>
            <Remove name={service.name} isPending={remove.isPending} onRemove={() => remove.mutate({ serviceId: service.id })} />
          </span>
        )}
      </div>
      <p className="sub">
        {service.settings.kind === 'http' ? 'Web service at ' : 'PostgreSQL at '}
        <Id text={placeOf(service.settings)} longest={120} />
        {service.hasSecret ? ' · signs in with what is stored' : ' · does not sign in'}
      </p>
      {service.testError && <p className="bad-text" role="status"><Foreign text={service.testError} /></p>}
      <Refusal error={test.error ?? remove.error} />
    </article>
  )
}

/** Asks once more before something is gone for good. */
export function Remove({ name, isPending, onRemove }: { name: string; isPending: boolean; onRemove: () => void }) {
  const [isAsked, setAsked] = useState(false)
  if (!isAsked) return <button type="button" className="button" disabled={isPending} onClick={() => setAsked(true)} aria-label={`Remove ${name}`}>{isPending ? 'Removing…' : 'Remove'}</button>
  return (
    <span className="row" role="group" aria-label={`Remove ${name}?`}>
      <span className="sub">Nodes that use it will fail.</span>
      <button type="button" className="button" onClick={onRemove}>Remove it</button>
      <button type="button" className="button" autoFocus onClick={() => setAsked(false)}>Keep it</button>
    </span>
  )
}
