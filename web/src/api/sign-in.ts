const MARK = '#sign-in='

/** What became of the one-time link: none was there, it worked, or the sentence that says why not. */
export type SignIn = { state: 'none' } | { state: 'signed_in' } | { state: 'refused'; reason: string }

/** Trades the token in the address for a session. The token leaves the address bar and the history first. */
export async function exchangeToken(place: Location, history: History): Promise<SignIn> {
  if (!place.hash.startsWith(MARK)) return { state: 'none' }
  const token = decodeURIComponent(place.hash.slice(MARK.length))
  history.replaceState(history.state, '', place.pathname + place.search)
  return send(token)
}

async function send(token: string): Promise<SignIn> {
  try {
    const answer = await fetch('/auth/exchange', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    if (answer.ok) return { state: 'signed_in' }
    if (answer.status === 401) return { state: 'refused', reason: 'This sign-in link was used already, or it is too old.' }
    return { state: 'refused', reason: await sentenceOf(answer) }
  } catch {
    return { state: 'refused', reason: 'Watchglass did not answer. Check that it is still running.' }
  }
}

/** The server says why in the title of a problem document. */
async function sentenceOf(answer: Response): Promise<string> {
  const problem: unknown = await answer.json().catch(() => null)
  const title = typeof problem === 'object' && problem !== null && 'title' in problem ? problem.title : null
  return typeof title === 'string' ? title : `The sign-in link was refused (HTTP ${answer.status}).`
}
