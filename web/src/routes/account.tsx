import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { PasswordPart } from '../features/account/password.tsx'
import { SessionsPart } from '../features/account/sessions.tsx'
import { TokensPart } from '../features/account/tokens.tsx'
import { Shell } from '../features/shell.tsx'
import { Bone, Problem } from '../ui/states.tsx'
import { Foreign } from '../ui/text.tsx'
import '../styles/account.css'

/** What a person keeps of themself: password, browsers, tokens. */
export function AccountPage() {
  const account = useQuery(api.account.get.queryOptions())
  return (
    <Shell title="Account" crumbs={[{ label: 'Account' }]}>
      <div className="title">
        <h1>{account.data ? <Foreign text={account.data.name} longest={60} /> : 'Account'}</h1>
        {account.data?.email && <span className="sub"><Foreign text={account.data.email} longest={80} /></span>}
        {account.data?.isAdmin && <span className="pill mute">administrator</span>}
        {account.data?.isAdmin && <div className="title-actions"><Link to="/people" className="button">People</Link></div>}
      </div>
      <div className="account">
        {account.error && !account.data && <Problem error={account.error} what="your account" retry={() => void account.refetch()} />}
        {account.data ? <PasswordPart account={account.data} /> : <Bone width="100%" height={140} />}
        <SessionsPart />
        <TokensPart />
      </div>
    </Shell>
  )
}
