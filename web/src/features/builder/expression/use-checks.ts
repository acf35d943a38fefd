import type { ExpressionName } from './completions.ts'
export type Checks = { names: readonly ExpressionName[]; problems: { message: string; at: readonly number[] | null; severity: 'error' | 'warning' }[]; preview: { state: 'none' } | { state: 'value'; text: string; executionId: string | null } | { state: 'problem'; sentence: string } }
export function useChecks(_expression: string): Checks {
  return { names: [], problems: [], preview: { state: 'none' } }
}
