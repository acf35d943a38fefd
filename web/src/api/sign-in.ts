const LINK = '#sign-in='
const REFUSED = '#sign-in-refused='

/** Why the OpenID provider's answer did not let somebody in. The server names the reason, the sentence stands here. */
const REASONS: Record<string, string> = {
  cancelled: 'Signing in was cancelled there. Try again, or sign in another way.',
  took_too_long: 'Signing in took more than ten minutes, or began in another browser. Begin again.',
  not_invited: 'You are not invited to this Watchglass. Ask somebody who manages its people.',
  not_verified: 'The provider does not say that your e-mail address is verified. Verify it there, and begin again.',
  kept_out: 'Your account here is disabled. Ask somebody who manages the people of this Watchglass.',
  too_often: 'Signing in was begun or refused too often from here. Try again in five minutes, or sign in another way.',
  unavailable: 'The provider does not answer, or is not set up right. Try again in a moment; the log of Watchglass says more.',
  failed: 'The provider’s answer could not be used. Begin again; the log of Watchglass says more.',
}

/** What became of signing in: nobody tried, it worked, or the sentence that says why not. */
export type SignIn = { state: 'none' } | { state: 'signed_in' } | { state: 'refused'; reason: string }

/** Trades the token in the address for a session. The token leaves the address bar and the history first. */
export async function exchangeToken(place: Location, history: History): Promise<SignIn> {
  const said = place.hash
  if (!said.startsWith(LINK) && !said.startsWith(REFUSED)) return { state: 'none' }
  history.replaceState(history.state, '', place.pathname + place.search)
  if (said.startsWith(REFUSED)) {
    return { state: 'refused', reason: REASONS[said.slice(REFUSED.length)] ?? REASONS.failed ?? '' }
  }
  const token = decodeURIComponent(said.slice(LINK.length))
  const expired = 'This sign-in link was used already, or it is too old.'
  return send('/auth/exchange', { token }, { 401: expired })
}

export function signInWithPassword(name: string, password: string): Promise<SignIn> {
  return send('/auth/sign-in', { name, password }, {})
}

async function send(path: string, body: Record<string, string>, sentences: Record<number, string>): Promise<SignIn> {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (answer.ok) return { state: 'signed_in' }
    return { state: 'refused', reason: sentences[answer.status] ?? await sentenceOf(answer) }
  } catch {
    return { state: 'refused', reason: 'Watchglass did not answer. Check that it is still running.' }
  }
}

/** The server says why in a problem document: in its detail, or in its title where that is all. */
async function sentenceOf(answer: Response): Promise<string> {
  const problem: unknown = await answer.json().catch(() => null)
  const said = typeof problem === 'object' && problem !== null ? { detail: null, title: null, ...problem } : { detail: null, title: null }
  const sentence: unknown = said.detail ?? said.title
  return typeof sentence === 'string' ? sentence : `Signing in was refused (HTTP ${answer.status}).`
}
