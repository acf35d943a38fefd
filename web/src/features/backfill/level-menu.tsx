import { useMutation, useQuery } from '@tanstack/react-query'
import { api, queryClient } from '../../api/client.ts'
import type { Level, Workflow } from '../../api/types.ts'
import { coverageOf } from '../../lib/backfill.ts'
import { LEVELS } from '../../lib/connection.ts'
import { messageOf } from '../../ui/states.tsx'
import '../../styles/backfill.css'

/** How much of a workflow's runs is copied: said to everybody, changed by owners and editors. */
export function LevelMenu({ workflow }: { workflow: Workflow }) {
  const project = useQuery(api.project.get.queryOptions({ projectId: workflow.projectId }, { staleTime: 60_000 }))
  const change = useMutation(api.workflow.setLevel.mutationOptions({ onSuccess: () => queryClient.invalidateQueries() }))
  if (workflow.kind !== 'observed' || workflow.inheritedLevel === null) return null
  const mayChange = project.data !== undefined && project.data.role !== 'viewer'
  const inherited = labelOf(workflow.inheritedLevel)
  return (
    <div className="level-line">
      {mayChange ? (
        <label>
          Copied by itself
          <select value={workflow.level ?? ''} disabled={change.isPending} onChange={(event) => change.mutate({ workflowId: workflow.id, level: (event.target.value || null) as Level | null })}>
            <option value="">As the connection: {inherited}</option>
            {LEVELS.map(({ level, label }) => <option key={level} value={level}>{label}</option>)}
          </select>
        </label>
      ) : <span>Copied by itself: {workflow.level === null ? inherited : labelOf(workflow.level)}</span>}
      {workflow.coverage.total > 0 && <span className="sub">{coverageOf(workflow.coverage)}</span>}
      {change.error && <span className="sub bad-text" role="alert">{messageOf(change.error)}</span>}
    </div>
  )
}

function labelOf(level: Level): string {
  return LEVELS.find((one) => one.level === level)?.label ?? level
}
