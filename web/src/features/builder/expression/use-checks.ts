import { useEffect, useState } from 'react'
import { client } from '../../../api/client.ts'
import type { GraphProblem } from '../../../api/types.ts'
import { messageOf } from '../../../ui/states.tsx'
import { usePanel } from '../panel/context.ts'
import type { ExpressionName } from './completions.ts'

const PAUSE_MS = 300

export type Preview = { state: 'none' } | { state: 'value'; text: string; executionId: string | null } | { state: 'problem'; sentence: string }
export type Checks = { names: readonly ExpressionName[]; problems: readonly GraphProblem[]; preview: Preview }
type Answer = Checks & { expression: string; nodeId: string }

const NO_NAMES: readonly ExpressionName[] = []

/**
 * What the server says of an expression while somebody is at it: every question carries the whole drawing, so fields
 * that only lie there show what the draft's own problems say of them.
 */
export function useChecks(expression: string, pointer: string, isActive: boolean): Checks {
  const { graph, projectId, nodeId, problems } = usePanel()
  const [answer, setAnswer] = useState<Answer | null>(null)
  useEffect(() => {
    if (!isActive || nodeId === null) return
    const stop = new AbortController()
    const timer = setTimeout(() => void ask(stop.signal), PAUSE_MS)
    const ask = async (signal: AbortSignal): Promise<void> => {
      const question = { projectId, graph, nodeId, expression, field: pointer }
      try {
        const checked = await client.expression.check.query(question, { signal })
        const isSound = expression.trim() !== '' && checked.problems.every((problem) => problem.severity !== 'error')
        const preview: Preview = isSound ? await tried(question, signal) : { state: 'none' }
        setAnswer({ expression, nodeId, names: checked.names, problems: checked.problems, preview })
      } catch (error) {
        if (!signal.aborted) setAnswer({ expression, nodeId, names: [], problems: [], preview: { state: 'problem', sentence: messageOf(error) } })
      }
    }
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [expression, pointer, isActive, graph, projectId, nodeId])
  const isCurrent = answer?.expression === expression && answer.nodeId === nodeId
  return {
    names: answer?.nodeId === nodeId ? answer.names : NO_NAMES,
    problems: isCurrent ? answer.problems : problems.filter((problem) => problem.node === nodeId && problem.field === pointer && problem.at !== null),
    preview: isCurrent ? answer.preview : { state: 'none' },
  }
}

type Question = Parameters<typeof client.expression.preview.query>[0]

async function tried(question: Question, signal: AbortSignal): Promise<Preview> {
  const { value, problem, executionId } = await client.expression.preview.query(question, { signal })
  // Without a run there is nothing to try it on, which is no problem of the expression.
  if (executionId === null) return { state: 'none' }
  return problem ? { state: 'problem', sentence: problem.message } : { state: 'value', text: JSON.stringify(value), executionId }
}
