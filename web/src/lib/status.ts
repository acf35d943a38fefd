import type { ComponentKind, ComponentStatus, ExecutionSummary, NodeStatus } from '../api/types.ts'

/** How a state looks: one tone, one icon, one word. Colour never stands alone. */
export type Tone = 'ok' | 'bad' | 'run' | 'warn' | 'wait' | 'mute'
export type IconName =
  | 'check' | 'cross' | 'dash' | 'clock' | 'retry' | 'pause' | 'play' | 'dots' | 'stop' | 'forward' | 'question' | 'alert' | 'person'
export type Look = { tone: Tone; icon: IconName; label: string }

const LOOKS: Record<ComponentStatus, Look> = {
  pending: { tone: 'mute', icon: 'dots', label: 'pending' },
  running: { tone: 'run', icon: 'play', label: 'running' },
  retrying: { tone: 'warn', icon: 'retry', label: 'retrying' },
  paused: { tone: 'warn', icon: 'pause', label: 'paused' },
  completed: { tone: 'ok', icon: 'check', label: 'completed' },
  failed: { tone: 'bad', icon: 'cross', label: 'failed' },
  cancelled: { tone: 'mute', icon: 'dash', label: 'cancelled' },
  terminated: { tone: 'bad', icon: 'stop', label: 'stopped by force' },
  timed_out: { tone: 'bad', icon: 'clock', label: 'ran out of time' },
  continued_as_new: { tone: 'mute', icon: 'forward', label: 'carried on' },
  abandoned: { tone: 'mute', icon: 'dash', label: 'left open' },
  unknown: { tone: 'mute', icon: 'question', label: 'unknown' },
}

export const statusLook = (status: ComponentStatus): Look => LOOKS[status] ?? LOOKS.unknown

const NODE_LOOKS: Record<Exclude<NodeStatus, ComponentStatus>, Look> = {
  skipped: { tone: 'mute', icon: 'forward', label: 'skipped' },
  not_reached: { tone: 'mute', icon: 'dots', label: 'not reached' },
  waiting_for_approval: { tone: 'wait', icon: 'person', label: 'waits for a decision' },
}

/** How a node of a drawing looks in a run. */
export const nodeLook = (status: NodeStatus): Look => (status in NODE_LOOKS ? NODE_LOOKS[status as keyof typeof NODE_LOOKS] : statusLook(status as ComponentStatus))

/** A run's look: while it is open, what it is doing says more than "running". */
export function runLook(run: Pick<ExecutionSummary, 'status' | 'phase' | 'problem'>): Look {
  if (run.status !== 'running') return statusLook(run.status)
  if (run.problem && run.problem !== 'history_near_limit') return { tone: 'bad', icon: 'alert', label: 'stuck' }
  if (run.phase === 'retrying') return LOOKS.retrying
  if (run.phase === 'waiting') return { tone: 'wait', icon: 'pause', label: 'waiting' }
  if (run.phase === 'stuck') return { tone: 'bad', icon: 'alert', label: 'stuck' }
  return LOOKS.running
}

const KINDS: Record<ComponentKind, string> = {
  activity: 'activity',
  local_activity: 'local step',
  child_workflow: 'sub-workflow',
  timer: 'timer',
  signal: 'signal',
  external_signal: 'signal to another run',
  external_cancel: 'cancel of another run',
  update: 'update',
  nexus_operation: 'call to another namespace',
}

export const kindLabel = (kind: ComponentKind): string => KINDS[kind] ?? kind

export const RUN_STATUSES = [
  'pending', 'running', 'paused', 'completed', 'failed', 'timed_out', 'terminated', 'cancelled', 'continued_as_new', 'unknown',
] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

export const isOpen = (status: string): boolean => status === 'pending' || status === 'running' || status === 'paused'
export const isOpenStep = (status: ComponentStatus): boolean => isOpen(status) || status === 'retrying'
export const isFailedStep = (status: ComponentStatus): boolean =>
  status === 'failed' || status === 'timed_out' || status === 'terminated'
