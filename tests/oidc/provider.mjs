// A real OpenID provider: `node provider.mjs PORT REDIRECT_URI…`. Its people are named here; every password is right.
import { Provider } from 'oidc-provider'

const [port, ...redirectUris] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`

const PEOPLE = {
  ada: { email: 'ada@example.test', email_verified: true, preferred_username: 'ada', groups: ['watchglass-admins', 'staff'] },
  bob: { email: 'bob@example.test', email_verified: true, preferred_username: 'bob', groups: ['staff'] },
  carol: { email: 'carol@elsewhere.test', email_verified: true, preferred_username: 'carol', groups: [] },
  mallory: { email: 'ada@example.test', email_verified: false, preferred_username: 'mallory', groups: [] },
  dora: {
    email: 'dora@example.test', email_verified: true, preferred_username: 'dora', groups: ['staff', 'cn=audit,ou=a:b'],
    team: 'staff', number: 7, object: { staff: true }, nested: [['staff'], { group: 'staff' }, null, 7, true],
    many: [...Array.from({ length: 5000 }, (_, number) => `group ${number}`), 'staff'],
    hostile: ['staff\u0000', 'STAFF', ' staff', 'st\u200baff', "staff'; DROP TABLE users; --", '__proto__', '', 'x'.repeat(20000)],
  },
  known: { email: 'Known@Example.test', email_verified: true, preferred_username: 'known', groups: [] },
}

const client = { client_secret: 'the secret of a client', redirect_uris: redirectUris, grant_types: ['authorization_code'], response_types: ['code'] }
const provider = new Provider(issuer, {
  clients: [{ ...client, client_id: 'watchglass' }, { ...client, client_id: 'another' }],
  pkce: { required: () => true },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username', 'groups', 'team', 'number', 'object', 'nested', 'many', 'hostile'] },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ['a key for a test'] },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
})
provider.listen(Number(port), '127.0.0.1', () => console.log(issuer))
