import { useMutation, useQuery } from '@tanstack/react-query'
import { api, queryClient } from '../../api/client.ts'
import type { SignedInBrowser } from '../../api/types.ts'
import { browserName } from '../../lib/browser-name.ts'
import { Icon } from '../../ui/icon.tsx'
import { Age, Moment } from '../../ui/moment.tsx'
import { Bone, messageOf, Problem } from '../../ui/states.tsx'

const WAYS: Record<SignedInBrowser['method'], string> = { link: 'with a link', password: 'with the password', oidc: 'with single sign-on' }

/** The browsers that the person is signed in with; each can be signed out, or all but this one at once. */
export function SessionsPart() {
  const sessions = useQuery(api.session.list.queryOptions(undefined, { refetchInterval: 30_000 }))
  const again = { onSuccess: () => queryClient.invalidateQueries(api.session.list.queryFilter()) }
  const revoke = useMutation(api.session.revoke.mutationOptions(again))
  const revokeOthers = useMutation(api.session.revokeOthers.mutationOptions(again))
  const error = revoke.error ?? revokeOthers.error
  const others = sessions.data?.items.filter((each) => !each.isCurrent) ?? []
  return (
    <section aria-label="Browsers">
      <div className="row">
        <h2>Browsers</h2>
        <span className="sub">that you are signed in with</span>
        <span className="grow" />
        {others.length > 0 && <button type="button" className="button" disabled={revokeOthers.isPending} onClick={() => revokeOthers.mutate()}>Sign out everywhere else</button>}
      </div>
      {error && <div className="notice bad" role="alert"><Icon name="alert" /><span>{messageOf(error)}</span></div>}
      {sessions.error && !sessions.data && <Problem error={sessions.error} what="your browsers" retry={() => void sessions.refetch()} />}
      {sessions.isPending && <div className="panel account-form" aria-hidden="true"><Bone width={220} /><Bone width={160} /></div>}
      {sessions.data && (
        <ul className="panel account-items">
          {sessions.data.items.map((session) => (
            <li key={session.id} className="account-item">
              <div className="grow">
                <div className="row"><strong title={session.userAgent ?? undefined}>{browserName(session.userAgent)}</strong>{session.isCurrent && <span className="pill ok">this one</span>}</div>
                <span className="sub">
                  signed in {WAYS[session.method]} <Moment iso={session.createdAt} />{session.network && <> from {session.network}</>} · last used <Age iso={session.lastUsedAt} />
                </span>
              </div>
              {!session.isCurrent && (
                <button type="button" className="button" disabled={revoke.isPending} aria-label={`Sign out ${browserName(session.userAgent)}`} onClick={() => revoke.mutate({ sessionId: session.id })}>Sign out</button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
