import { api } from './client.ts'

/** Small enough to come at once, large enough that most runs are whole. */
const FIRST_PAGE = 200

/** A run with its first steps: the one question that the run page asks again and again. */
export function firstPageOf(executionId: string) {
  return api.execution.getExecutionDetails.queryOptions({ executionId, limit: FIRST_PAGE })
}
