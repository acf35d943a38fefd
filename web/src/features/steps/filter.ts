import type { Component } from '../../api/types.ts'
import type { ExecutionSearch } from '../../lib/url-state.ts'

/** The steps that the address asks for. Text is looked for in names, in ids, Temporal's own among them, and in errors. */
export function filterSteps(steps: readonly Component[], search: ExecutionSearch): readonly Component[] {
  const { status, kind } = search
  const find = search.find?.toLowerCase()
  if (!status && !kind && !find) return steps
  return steps.filter(
    (step) =>
      (!status || status.includes(step.status)) &&
      (!kind || kind.includes(step.kind)) &&
      (!find || haystack(step).includes(find)),
  )
}

function haystack(step: Component): string {
  return `${step.displayName}\n${step.nodeId}\n${step.componentName}\n${step.errorType ?? ''}\n${step.errorMessage ?? ''}\n${Object.values(step.ref).join('\n')}`.toLowerCase()
}

/** How many steps have each value, most first: the choices of a filter. */
export function countBy<Key extends string>(steps: readonly Component[], key: (step: Component) => Key): [Key, number][] {
  const counts = new Map<Key, number>()
  for (const step of steps) counts.set(key(step), (counts.get(key(step)) ?? 0) + 1)
  return [...counts].sort(([, one], [, other]) => other - one)
}
