import { useQuery } from '@tanstack/react-query'
import { api, queryClient } from '../api/client.ts'
import { Bone, messageOf } from '../ui/states.tsx'
import { Icon } from '../ui/icon.tsx'
import { Brand } from './shell.tsx'
import { SignInForm } from './sign-in-form.tsx'
import '../styles/sign-in.css'

/** The page of who is not signed in: the ways of signing in that exist here, and no others. */
export function SignedOut({ reason }: { reason?: string | undefined }) {
  const ways = useQuery(api.session.ways.queryOptions(undefined, { staleTime: 60_000 }))
  const provider = ways.data?.provider
  return (
    <main className="centre">
      <div className="panel sign-in">
        <div className="row"><Brand /><strong>Watchglass</strong></div>
        <h1>Sign in</h1>
        {reason && (
          <div className="notice bad" role="alert">
            <Icon name="alert" />
            <span>{reason}</span>
          </div>
        )}
        {ways.isPending && <Bone width="100%" height={34} />}
        {ways.error && <p role="alert">{messageOf(ways.error)}</p>}
        {provider && <a className="button primary" href={provider.path}>Sign in with {provider.name}</a>}
        {provider && ways.data?.password && <p className="sign-in-or" aria-hidden="true">or</p>}
        {ways.data?.password && <SignInForm onSignedIn={() => void queryClient.resetQueries()} />}
        {!ways.isPending && <ByLink isOnly={!ways.data?.password && !provider} />}
      </div>
    </main>
  )
}

function ByLink({ isOnly }: { isOnly: boolean }) {
  const how = (
    <p>
      Run <code>watchglass sign-in-link</code> where Watchglass runs, and open the link that it prints. A link works once, in one
      browser.
    </p>
  )
  if (isOnly) return how
  return (
    <details>
      <summary>With a link</summary>
      {how}
    </details>
  )
}
