import type { Component, Execution, LifecycleEvent } from '../api/types.ts'
import { formatDuration } from './duration.ts'
import { counted } from './figure.ts'
import { formatMoment } from './moment.ts'
import { isOpen } from './status.ts'

/** The answer first: one sentence about how the run ended or where it is, its strong words apart. */
export type Part = { text: string; strong: boolean }
export type Headline = { tone: 'bad' | 'warn' | 'info'; parts: Part[]; eventId: number | null }

const plain = (text: string): Part => ({ text, strong: false })
const strong = (text: string): Part => ({ text, strong: true })

/** The sentence, or null when nothing needs saying (a run that completed, or one that simply works). */
export function headlineOf(run: Execution, steps: readonly Component[]): Headline | null {
  if (run.problem) return problemOf(run)
  if (run.status === 'failed') return failureOf(run, steps)
  if (run.status === 'timed_out') return timeoutOf(run)
  if (run.status === 'terminated') return endedBy(run, 'terminated', 'Stopped by force', 'bad')
  if (run.status === 'cancelled') return endedBy(run, 'cancel_requested', 'Cancelled', 'info')
  if (run.status === 'unknown') return sentence('warn', [plain('Temporal deleted this run before its end was seen.')], null)
  if (run.status === 'paused') return pausedRun(run)
  if (isOpen(run.status)) return whereItIs(run, steps)
  return null
}

function problemOf(run: Execution): Headline {
  const text = run.problemDetail ?? 'This run will not get further by itself.'
  const isBuilt = run.version !== null
  if (isBuilt && run.problem === 'no_worker' && run.currentStep === null) {
    return sentence('bad', [plain('No worker is listening on '), strong(run.taskQueue), plain(`, so nothing happens until one does.${lastAsked(text)}`)], null)
  }
  const tone = run.problem === 'history_near_limit' ? 'warn' : 'bad'
  return sentence(tone, [plain(text)], run.currentStep?.eventId ?? null)
}

/** ` The last one asked for some at …`: what the server's own sentence ends with, where it knows. */
function lastAsked(text: string): string {
  return / The last one asked .*$/.exec(text)?.[0] ?? ''
}

function failureOf(run: Execution, steps: readonly Component[]): Headline {
  const why = [...(run.errorType ? [strong(run.errorType)] : []), ...(run.errorMessage ? [plain(`, ${run.errorMessage}`)] : [])]
  const step = run.failedStep
  if (!step) return sentence('bad', [plain('The workflow failed: '), ...(why.length > 0 ? why : [plain('no error was recorded')])], null)
  const attempt = steps.find((one) => one.eventId === step.eventId)?.attempt ?? null
  const after = attempt === null ? 'failed' : `failed after ${counted(attempt, 'attempt')}`
  const parts = why.length > 0 ? [plain(` ${after}: `), ...why] : [plain(` ${after}.`)]
  return sentence('bad', [strong(step.displayName), ...parts], step.eventId)
}

function timeoutOf(run: Execution): Headline {
  const took = run.durationMs === null ? '' : ` after ${formatDuration(run.durationMs)}`
  const step = run.failedStep ?? run.currentStep
  const where = step ? [plain(' while at '), strong(step.displayName)] : []
  return sentence('bad', [strong('Ran out of time'), plain(took), ...where, plain('.')], step?.eventId ?? null)
}

function endedBy(run: Execution, type: string, what: string, tone: Headline['tone']): Headline {
  const event = lastOf(run.lifecycle, type)
  const by = event?.by ? [plain(' by '), strong(event.by)] : []
  const reason = event?.reason ? [plain(`: ${event.reason}`)] : [plain('.')]
  return sentence(tone, [strong(what), ...by, ...reason], null)
}

function pausedRun(run: Execution): Headline {
  const event = lastOf(run.lifecycle, 'paused')
  return sentence('warn', [strong('Paused'), ...pausedBy(event ?? null), plain(' Nothing goes on until it is resumed.')], null)
}

/** ` by ada since 22 Nov, 14:02:11: why`, closed by a full stop. Null where the server does not say who did it. */
function pausedBy(pause: Pick<LifecycleEvent, 'at' | 'by' | 'reason'> | null): Part[] {
  const by = pause?.by ? [plain(' by '), strong(pause.by)] : []
  const since = pause?.at ? ` since ${formatMoment(pause.at)}` : ''
  return [...by, plain(`${since}${pause?.reason ? `: ${closed(pause.reason)}` : '.'}`)]
}

/** `audit` → `audit.`; what ends as a sentence stays. */
function closed(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}

function whereItIs(run: Execution, steps: readonly Component[]): Headline | null {
  const step = run.currentStep
  if (step?.isPaused) {
    const pause = steps.find((one) => one.eventId === step.eventId)?.pause ?? null
    return sentence('warn', [strong(step.displayName), plain(' is paused'), ...pausedBy(pause)], step.eventId)
  }
  if (!step) return run.status === 'pending' ? sentence('info', [plain('No worker has taken this run up yet.')], null) : null
  const attempt = step.attempt !== null && step.attempt > 1 ? `, attempt ${step.attempt}` : ''
  const verb = run.phase === 'waiting' ? 'Waiting at ' : run.phase === 'retrying' ? 'Trying again: ' : 'Now at '
  return sentence(run.phase === 'retrying' ? 'warn' : 'info', [plain(verb), strong(step.displayName), plain(`${attempt}.`)], step.eventId)
}

function lastOf(events: readonly LifecycleEvent[], type: string): LifecycleEvent | undefined {
  return events.findLast((event) => event.type === type)
}

function sentence(tone: Headline['tone'], parts: Part[], eventId: number | null): Headline {
  return { tone, parts, eventId }
}

const LIFECYCLE_WORDS: Record<string, string> = {
  cancel_requested: 'Cancel requested',
  terminated: 'Stopped by force',
  paused: 'Paused',
  unpaused: 'Resumed',
  reset: 'Reset',
  options_updated: 'Options changed',
  workflow_task_failed: 'Workflow code failed',
  workflow_task_timed_out: 'Worker did not answer',
  continued_as_new: 'Carried on in a new run',
  carried_on: 'Carried on in a new run',
}

/** Temporal's two ways to miss a worker, as what they mean for the run. */
const GONE_WORDS: Record<string, string> = {
  SCHEDULE_TO_START: 'The worker that had this run was gone; another could take it up',
  START_TO_CLOSE: 'The worker took this run up and did not answer in time; another could take it up',
}

/** `Cancel requested by ada: wrong address`; null for what the header says anyway. */
export function lifecycleText(event: LifecycleEvent): string | null {
  const word = LIFECYCLE_WORDS[event.type]
  if (!word) return null
  if (event.type === 'continued_as_new' || event.type === 'carried_on') return word // its reason is the run linked below
  const gone = event.type === 'workflow_task_timed_out' ? GONE_WORDS[event.reason ?? ''] : undefined
  if (gone) return gone
  const by = event.type.startsWith('workflow_task') ? 'on' : 'by'
  return `${word}${event.by ? ` ${by} ${event.by}` : ''}${event.reason ? `: ${event.reason}` : ''}`
}

/** Ten failing tasks in a row are one fact with a count, not ten lines. */
export function groupLifecycle(events: readonly LifecycleEvent[]): { event: LifecycleEvent; count: number }[] {
  const groups: { event: LifecycleEvent; count: number }[] = []
  for (const event of events) {
    const last = groups.at(-1)
    if (last?.event.type === event.type && event.type.startsWith('workflow_task')) {
      last.event = event
      last.count += 1
    } else groups.push({ event, count: 1 })
  }
  return groups
}
