import type { Component, ExecutionSummary, RetryPolicy } from '../api/types.ts'
import { counted, formatCount } from './figure.ts'
import { formatDuration } from './duration.ts'
import type { Tone } from './status.ts'

export type RetryBadge = { tone: Tone; text: string }

type Judged = Pick<Component, 'retryCount' | 'retryVerdict' | 'status'>

/** What the Retries column says of a step, or null when nothing was retried and nothing went wrong. */
export function retryBadge(step: Judged): RetryBadge | null {
  const retries = step.retryCount ?? 0
  if (step.retryVerdict === 'unexpected') return { tone: 'bad', text: retries > 0 ? `${retries} unexpected` : 'unexpected' }
  if (retries === 0) return null
  if (step.retryVerdict === 'expected') return { tone: 'run', text: `${retries} expected` }
  return { tone: 'mute', text: counted(retries, 'retry', 'retries') }
}

/** `7 · 4 unexpected`, for a run. Failures without a retry count as unexpected too. */
export function runRetries(run: Pick<ExecutionSummary, 'retryCount' | 'unexpectedRetryCount'>): string {
  if (run.retryCount === 0) return ''
  const all = formatCount(run.retryCount)
  return run.unexpectedRetryCount > 0 ? `${all} · ${formatCount(run.unexpectedRetryCount)} unexpected` : all
}

/** The policy in one sentence: `At most 5 attempts, first wait 1 s, doubling, never longer than 1 m 40 s.` */
export function policySentence(policy: RetryPolicy): string {
  if (policy.maximumAttempts === 1) return 'One attempt, no retries.'
  const attempts = policy.maximumAttempts === 0 ? 'Keeps trying' : `At most ${policy.maximumAttempts} attempts`
  const growth = policy.backoffCoefficient === 1 ? 'each wait the same' : `each wait × ${policy.backoffCoefficient}`
  const longest = policy.maximumIntervalMs === null ? '' : `, never longer than ${formatDuration(policy.maximumIntervalMs)}`
  return `${attempts}, first wait ${formatDuration(policy.initialIntervalMs)}, ${growth}${longest}.`
}

/** When the server ran another policy than the author chose: both, in words. */
export function differenceSentence(chosen: RetryPolicy, used: RetryPolicy): string {
  const never = (policy: RetryPolicy): string => (policy.nonRetryableErrorTypes.length === 0 ? '' : ` It never retries ${policy.nonRetryableErrorTypes.join(', ')}.`)
  const isOnlyTypes = policySentence(chosen) === policySentence(used)
  const words = (policy: RetryPolicy): string => `${policySentence(policy)}${isOnlyTypes ? never(policy) || ' It retries every error.' : never(policy)}`
  return `The server ran another retry policy than the drawing says. Drawn: ${words(chosen)} Used: ${words(used)}`
}

export const isServerDefault = (policy: RetryPolicy): boolean =>
  policy.initialIntervalMs === 1000 &&
  policy.backoffCoefficient === 2 &&
  policy.maximumIntervalMs === 100_000 &&
  policy.maximumAttempts === 0 &&
  policy.nonRetryableErrorTypes.length === 0
