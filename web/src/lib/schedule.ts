import type { Schedule, Schedules } from '../api/types.ts'
import { counted } from './figure.ts'
import type { Look } from './status.ts'

/** How a schedule looks; `null` when it goes on as it should. */
export function scheduleLook(schedule: Pick<Schedule, 'goneAt' | 'paused' | 'late' | 'nextRunAt'>): Look | null {
  if (schedule.goneAt) return { tone: 'mute', icon: 'cross', label: 'deleted' }
  if (schedule.paused) return { tone: 'warn', icon: 'pause', label: 'paused' }
  if (schedule.late) return { tone: 'bad', icon: 'clock', label: 'late' }
  if (!schedule.nextRunAt) return { tone: 'mute', icon: 'dash', label: 'no more runs' }
  return null
}

const OVERLAPS: Record<string, string> = {
  skip: 'A run is left out while the one before still runs.',
  buffer_one: 'One run waits while the one before still runs.',
  buffer_all: 'Runs wait while the one before still runs.',
  cancel_other: 'The run before is cancelled when it still runs.',
  terminate_other: 'The run before is stopped by force when it still runs.',
  allow_all: 'Runs may overlap.',
}

/** What happens when the run before still runs, and how often it did. */
export function overlapText(schedule: Pick<Schedule, 'overlap' | 'overlapSkippedCount'>): string | null {
  if (schedule.overlap === null) return null
  const rule = OVERLAPS[schedule.overlap] ?? `Overlapping runs: ${schedule.overlap}.`
  const count = schedule.overlapSkippedCount ?? 0
  return count > 0 ? `${rule} So far: ${counted(count, 'run')}.` : rule
}

/** What a project with a scope, or a server that does not list schedules, has to say. */
export function sourceTexts(sources: Schedules['sources']): string[] {
  return sources.flatMap((source) => [
    ...(source.refusal ? [`${source.refusal} It is asked again every ten minutes.`] : []),
    ...(source.scope !== '' && !source.refusal
      ? [`The connection to namespace ${source.namespace} looks at a part of its runs: only schedules are shown that started one of them lately.`]
      : []),
  ])
}
