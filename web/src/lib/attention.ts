/** The kinds of trouble in the order in which a person should look: what hurts first, what can wait last. */
export const PROBLEMS = ['workflow_task_failing', 'no_worker', 'activity_stuck', 'history_near_limit'] as const
export type ProblemKind = (typeof PROBLEMS)[number]

type Words = { title: string; todo: string }

const WORDS: Record<ProblemKind, Words> = {
  workflow_task_failing: {
    title: 'Workflow code fails',
    todo: 'Repair or roll back the workflow’s code and restart its workers. The runs go on by themselves; nothing is lost.',
  },
  no_worker: {
    title: 'No worker',
    todo: 'Start a worker for the task queue that is named, or check why it cannot connect. The runs go on by themselves.',
  },
  activity_stuck: {
    title: 'A step fails again and again',
    todo: 'Repair what the error names, often another service. The step is tried again by itself until it works.',
  },
  history_near_limit: {
    title: 'History close to its limit',
    todo: 'Make the workflow continue as new, or end it, before Temporal stops it by force.',
  },
}

export const problemWords = (problem: ProblemKind): Words => WORDS[problem]

type Watched = { fullRoundSeconds: number | null }

/** How often each open run is asked about, for the connection that takes longest; null before the first round. */
export function slowestRound(connections: readonly Watched[]): number | null {
  const rounds = connections.flatMap((one) => (one.fullRoundSeconds === null ? [] : [one.fullRoundSeconds]))
  return rounds.length > 0 ? Math.max(...rounds) : null
}

/** `every 30 seconds`, `every 12 minutes`: for a sentence, so rounded up to what a person would say. */
export function everyText(seconds: number): string {
  if (seconds <= 90) return `every ${Math.ceil(seconds)} seconds`
  return `every ${Math.ceil(seconds / 60)} minutes`
}
