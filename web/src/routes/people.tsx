import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api, queryClient } from '../api/client.ts'
import { NewPerson } from '../features/people/new-person.tsx'
import { Person } from '../features/people/person.tsx'
import { Shell } from '../features/shell.tsx'
import { Icon } from '../ui/icon.tsx'
import { Bone, messageOf, Problem } from '../ui/states.tsx'
import '../styles/account.css'

/** The people of the installation, for those who manage them. */
export function PeoplePage() {
  const me = useQuery(api.session.me.queryOptions(undefined, { staleTime: 60_000 }))
  const users = useQuery(api.user.list.queryOptions())
  const [isAdding, setAdding] = useState(false)
  const again = async (): Promise<void> => {
    setAdding(false)
    await queryClient.invalidateQueries(api.user.list.queryFilter())
  }
  const create = useMutation(api.user.create.mutationOptions({ onSuccess: again }))
  const update = useMutation(api.user.update.mutationOptions({ onSuccess: again }))
  return (
    <Shell title="People" crumbs={[{ label: 'People' }]}>
      <div className="title">
        <h1>People</h1>
        <span className="sub">who may sign in</span>
        <div className="title-actions">{users.data && <><Link className="button" to="/people/figures">Figures</Link><Link className="button" to="/people/log">Log</Link></>}{!isAdding && users.data && <button type="button" className="button" onClick={() => { create.reset(); setAdding(true) }}>Add a person</button>}</div>
      </div>
      <div className="account">
        {isAdding && <NewPerson isAsking={create.isPending} error={create.error} onAdd={(wanted) => create.mutate(wanted)} onCancel={() => setAdding(false)} />}
        {update.error && <div className="notice bad" role="alert"><Icon name="alert" /><span>{messageOf(update.error)}</span></div>}
        {users.error && !users.data && <Problem error={users.error} what="the people of this Watchglass" retry={() => void users.refetch()} />}
        {users.isPending && <div className="panel account-form" aria-hidden="true"><Bone width={220} /><Bone width={160} /></div>}
        {users.data && (
          <ul className="panel account-items">
            {users.data.items.map((user) => (
              <Person key={user.id} user={user} isSelf={user.id === me.data?.id} isBusy={update.isPending} onChange={(change) => update.mutate({ userId: user.id, ...change })} />
            ))}
          </ul>
        )}
      </div>
    </Shell>
  )
}
