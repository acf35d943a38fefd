import type { Component, ComponentDetails, Execution, Failure, Payload } from '../api/types.ts'

/** What of a run or a step only a codec can read. */

type Own = Pick<Execution, 'input' | 'result' | 'failure' | 'memo'>

export function isRunEncoded(run: Own): boolean {
  return encodedOfRun(run).length > 0
}

/** One word each for what is encoded in a run: it changes whenever decoding anew would bring something else. */
export function encodedOfRun(run: Own): string[] {
  return [...encoded(run.input), ...encoded(run.result), ...encoded(Object.values(run.memo)), ...encodedCauses(run.failure)]
}

/** The same of a step; `details` where they have been loaded. */
export function encodedOfStep(step: Component, details: ComponentDetails | null): string[] {
  const known = details ?? step
  const failures = details ? [details.failure, details.previousFailure, ...details.attempts.map((attempt) => attempt.failure)] : []
  return [...encoded(known.input), ...encoded(known.output), ...encoded(known.heartbeat), ...failures.flatMap(encodedCauses)]
}

function encoded(payloads: readonly Payload[] | null): string[] {
  return (payloads ?? []).filter((payload) => (payload.isEncoded || isBeginning(payload)) && !payload.hidden).map((payload) => payload.sha256 ?? payload.encoding)
}

/** Decoded while it was copied, and too large for its row: the whole is held encoded. */
export function isBeginning(payload: Payload): boolean {
  return payload.decodedFrom !== null && payload.truncated
}

function encodedCauses(failure: Failure | null): string[] {
  const found: string[] = []
  for (let one = failure; one; one = one.cause) {
    if (one.encoded) found.push(`${one.kind} ${one.type}`)
    found.push(...encoded(one.details))
  }
  return found
}

/** Is what travels to this address readable on the way? The same machine is nobody's way. */
export function isOpenOnTheWay(address: string): boolean {
  const url = URL.parse(address)
  if (!url) return true
  return url.protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}
