import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api, queryClient } from '../../api/client.ts'
import { Field } from '../../ui/field.tsx'
import { Refusal } from './refusal.tsx'

/** Which addresses that are not public nodes may reach. Only owners may say so. */
export function Networks({ projectId, networks, mayChange }: { projectId: string; networks: string[]; mayChange: boolean }) {
  const [text, setText] = useState(networks.join(', '))
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: api.service.list.queryKey({ projectId }) })
  const save = useMutation(api.service.setNetworks.mutationOptions({ onSuccess }))
  const given = text.split(/[\s,]+/).filter((part) => part !== '')
  const isSame = given.join() === networks.join()
  return (
    <form
      className="panel stack"
      aria-label="Allowed networks"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate({ projectId, networks: given })
      }}
    >
      <Field label="Networks that are not public and may be reached" hint={mayChange ? 'Addresses or networks, such as 10.1.0.0/16, with commas between them. Empty: public addresses alone' : 'Only owners of the project can change this'}>
        {(field) => <input {...field} className="mono" spellCheck={false} disabled={!mayChange} placeholder="none" value={text} onChange={(event) => setText(event.target.value)} />}
      </Field>
      <Refusal error={save.error} />
      {mayChange && !isSame && <div><button type="submit" className="button primary" disabled={save.isPending}>{save.isPending ? 'Saving…' : 'Save the networks'}</button></div>}
    </form>
  )
}
