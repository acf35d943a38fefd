/** The sum of the steps' own four clocks: where their time went, whatever ran side by side. */
export type Clocked = {
  queueMs: number | null
  executionMs: number | null
  retryMs: number | null
  waitingMs: number | null
  copied: boolean
}
export type Share = { clock: 'queue' | 'execution' | 'back-off' | 'waiting'; ms: number; share: number }

export function timeSplit(steps: readonly Clocked[]): Share[] {
  const sums = { queue: 0, execution: 0, 'back-off': 0, waiting: 0 }
  for (const step of steps) {
    if (step.copied) continue
    sums.queue += step.queueMs ?? 0
    sums.execution += step.executionMs ?? 0
    sums['back-off'] += step.retryMs ?? 0
    sums.waiting += step.waitingMs ?? 0
  }
  const total = sums.queue + sums.execution + sums['back-off'] + sums.waiting
  if (total === 0) return []
  const clocks = ['queue', 'execution', 'back-off', 'waiting'] as const
  return clocks.map((clock) => ({ clock, ms: sums[clock], share: sums[clock] / total })).filter((part) => part.ms > 0)
}
