import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { HistorySearch } from '../../lib/url-state.ts'

/** Whose runs a figure counts. */
export type RunsOf = { workflowId: string } | { projectId: string }

/** Opens the list of the runs that a figure counts. */
export function RunsLink({ of, search, children, className }: { of: RunsOf; search: HistorySearch; children: ReactNode; className?: string }) {
  const more = { search, children, className }
  return 'workflowId' in of ? <Link to="/workflows/$workflowId" params={of} {...more} /> : <Link to="/projects/$projectId/runs" params={of} {...more} />
}

/** The same for what is no link: a bar of a chart. */
export function useOpenRuns(of: RunsOf): (search: HistorySearch) => void {
  const navigate = useNavigate()
  return (search) => void ('workflowId' in of ? navigate({ to: '/workflows/$workflowId', params: of, search }) : navigate({ to: '/projects/$projectId/runs', params: of, search }))
}
