import type { Component } from '../../api/types.ts'
import { formatDuration } from '../../lib/duration.ts'
import { Foreign } from '../../ui/text.tsx'

const QUESTIONS: Record<Component['retryVerdict'], string | null> = {
  expected: 'Why expected?',
  unexpected: 'Why unexpected?',
  unknown: 'Expected or not?',
  none: null,
}

/** Was it what the policy's author allowed, and why we say so. */
export function Verdict({ step }: { step: Component }) {
  const question = QUESTIONS[step.retryVerdict]
  if (!step.retryExplanation) return null
  return (
    <section>
      <p>
        {question && <b>{question}</b>} <Foreign text={step.retryExplanation} />
      </p>
    </section>
  )
}

const CLOCKS = [
  ['queue', 'queueMs'],
  ['execution', 'executionMs'],
  ['back-off', 'retryMs'],
  ['waiting', 'waitingMs'],
] as const

export function Clocks({ step }: { step: Component }) {
  const known = CLOCKS.flatMap(([name, field]) => {
    const ms = step[field]
    return ms === null ? [] : [`${name} ${formatDuration(ms)}`]
  })
  if (known.length === 0 && !step.clockSkew) return null
  return (
    <p className="sub">
      {known.join(' · ')}
      {step.clockSkew && ' · a clock ran backwards here; the difference is shown as 0'}
    </p>
  )
}
