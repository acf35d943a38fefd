import { RUN_STATUSES, type RunStatus } from './status.ts'
import { isDuration, readStepFilter, type StepFilter } from './step-filter.ts'
import { readTime, type TimeWindow } from './window.ts'

/** What the address says, made safe: what is not understood is left out, never an error. */
export type HistorySearch = {
  status?: RunStatus[]
  sort?: 'startedAt' | 'durationMs'
  order?: 'asc' | 'desc'
  topLevel?: true
  buildId?: string
  deployment?: string
  version?: number
  from?: string
  to?: string
  errors?: true
  errorGroup?: string
  minDurationMs?: number
  maxDurationMs?: number
  taskQueue?: string
  /** Only runs in which this component did something. */
  component?: StepFilter
  cursor?: string
}
export type ExecutionSearch = { step?: number; status?: string[]; kind?: string[]; find?: string }
/** `edit` is the connection whose settings are open, or `new`. */
export type ConnectionsSearch = { edit?: string }
/** `schedule` is the Temporal id of the one that somebody came for. */
export type SchedulesSearch = { schedule?: string }
/** `node` is the one that is selected; `version` is looked at instead of the draft. */
export type BuilderSearch = { node?: string; version?: number }
/** `node` and `step` are the same selection, as a node of the drawing and as an event; `items`: which item of a for-each is looked at, from 0. */
export type RunGraphSearch = { node?: string; step?: number; items?: Record<string, number> }
type Unread = Record<string, unknown>

export function readWindow(search: Unread): TimeWindow {
  const from = readTime(search['from'])
  const to = readTime(search['to'])
  return { ...(from && { from }), ...(to && { to }) }
}

export function readHistorySearch(search: Unread): HistorySearch {
  const component = readStepFilter(search['component'])
  const status = texts(search['status']).filter((one): one is RunStatus => RUN_STATUSES.some((known) => known === one))
  return {
    ...(status.length > 0 && { status }),
    ...(search['sort'] === 'durationMs' && { sort: 'durationMs' as const }),
    ...(search['order'] === 'asc' && { order: 'asc' as const }),
    ...(search['topLevel'] === true && { topLevel: true as const }),
    // An id of digits alone comes as a number.
    ...(isName(search['buildId']) && { buildId: String(search['buildId']) }),
    ...(isName(search['deployment']) && { deployment: String(search['deployment']) }),
    ...(isVersion(search['version']) && { version: search['version'] }),
    ...readWindow(search),
    ...(search['errors'] === true && { errors: true as const }),
    ...(typeof search['errorGroup'] === 'string' && { errorGroup: search['errorGroup'] }),
    ...readDurations(search['minDurationMs'], search['maxDurationMs']),
    ...(isName(search['taskQueue']) && { taskQueue: String(search['taskQueue']) }),
    ...(component && { component }),
    ...(typeof search['cursor'] === 'string' && { cursor: search['cursor'] }),
  }
}

/** Of two that no run can be between, neither is meant. */
function readDurations(min: unknown, max: unknown): Pick<HistorySearch, 'minDurationMs' | 'maxDurationMs'> {
  if (isDuration(min) && isDuration(max) && min > max) return {}
  return { ...(isDuration(min) && { minDurationMs: min }), ...(isDuration(max) && { maxDurationMs: max }) }
}

export function readConnectionsSearch(search: Unread): ConnectionsSearch {
  return typeof search['edit'] === 'string' ? { edit: search['edit'] } : {}
}

/** `edit`: the id of a service, `new-service` or `new-component`. */
export function readComponentsSearch(search: Unread): ConnectionsSearch {
  return readConnectionsSearch(search)
}

export function readSchedulesSearch(search: Unread): SchedulesSearch {
  // An id of digits alone comes as a number.
  const schedule = search['schedule']
  return typeof schedule === 'string' || typeof schedule === 'number' ? { schedule: String(schedule) } : {}
}

export function readBuilderSearch(search: Unread): BuilderSearch {
  const { node, version } = search
  return { ...(isNodeId(node) && { node }), ...(isPositive(version) && { version }) }
}

export function readRunGraphSearch(search: Unread): RunGraphSearch {
  const { node, step, items } = search
  const picked = typeof items === 'object' && items !== null ? Object.entries(items).filter(([id, item]) => isNodeId(id) && Number.isSafeInteger(item) && item >= 0) : []
  return {
    ...(isNodeId(node) && { node }),
    ...(isPositive(step) && { step }),
    ...(picked.length > 0 && { items: Object.fromEntries(picked) }),
  }
}

const isNodeId = (value: unknown): value is string => typeof value === 'string' && /^[a-z][a-z0-9-]{0,62}$/.test(value)
const isName = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'
export const isVersion = (value: unknown): value is number => isPositive(value) && value < 2 ** 31
const isPositive = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value > 0

export function readExecutionSearch(search: Unread): ExecutionSearch {
  const step = search['step']
  const status = texts(search['status'])
  const kind = texts(search['kind'])
  return {
    ...(isPositive(step) && { step }),
    ...(status.length > 0 && { status }),
    ...(kind.length > 0 && { kind }),
    // Words that an address would have as a number or a flag are words to look for.
    ...((isName(search['find']) || typeof search['find'] === 'boolean') && search['find'] !== '' && { find: String(search['find']) }),
  }
}

function texts(value: unknown): string[] {
  if (!Array.isArray(value)) return typeof value === 'string' ? [value] : []
  return value.filter((one): one is string => typeof one === 'string')
}
