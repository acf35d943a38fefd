import type { Component } from '../api/types.ts'
import { formatDuration } from './duration.ts'

type Kind = Component['kind']
/** Runs with at least one step of a component to which all of this applies; as the server reads it. */
export type StepFilter = {
  kind: Kind
  name: string
  nodeId?: string
  failed?: true
  retries?: 'expected' | 'unexpected'
  /** With `minMs`, or not at all. */
  clock?: StepClock
  minMs?: number
}
export const STEP_CLOCKS = ['execution', 'queue', 'retry', 'waiting', 'duration'] as const
export type StepClock = (typeof STEP_CLOCKS)[number]

const SPENT: Record<StepClock, (time: string) => string> = {
  execution: (time) => `worked ${time} or more`,
  queue: (time) => `waited ${time} or more for a worker`,
  retry: (time) => `spent ${time} or more on back-off and earlier attempts`,
  waiting: (time) => `waited ${time} or more`,
  duration: (time) => `took ${time} or more altogether`,
}

/** What the address says, made safe; nothing at all where a part of it cannot be. */
export function readStepFilter(value: unknown): StepFilter | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { kind, name, nodeId, failed, retries, clock, minMs } = value as Record<string, unknown>
  if (!isKind(kind) || typeof name !== 'string' || name.length > LONGEST) return undefined
  const known = STEP_CLOCKS.find((one) => one === clock)
  return {
    kind,
    name,
    ...(typeof nodeId === 'string' && nodeId.length <= LONGEST && { nodeId }),
    ...(failed === true && { failed }),
    ...((retries === 'expected' || retries === 'unexpected') && { retries }),
    ...(known && isDuration(minMs) && { clock: known, minMs }),
  }
}

/** What stands behind the name: `failed`, `retried unexpectedly`; nothing where it only has to be there. */
export function stepWords({ failed, retries, clock, minMs }: StepFilter): string {
  const words = [
    ...(failed ? ['failed'] : []),
    ...(retries ? [retries === 'expected' ? 'was retried as expected' : 'was retried unexpectedly'] : []),
    ...(clock ? [SPENT[clock](formatDuration(minMs ?? 0))] : []),
  ]
  return words.join(' and ')
}

const LONGEST = 1000
const KINDS: readonly Kind[] = [
  'activity', 'local_activity', 'child_workflow', 'timer', 'signal', 'external_signal', 'external_cancel', 'update', 'nexus_operation',
]
const isKind = (value: unknown): value is Kind => KINDS.some((known) => known === value)
export const isDuration = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1e13
