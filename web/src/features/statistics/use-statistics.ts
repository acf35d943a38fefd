import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { api } from '../../api/client.ts'
import { timeZone as here } from '../../lib/moment.ts'
import { type Range, rangeOf } from '../../lib/range.ts'
import { readStatisticsSearch, type StatisticsSearch, type VersionFilter, versionFilter } from '../../lib/statistics-search.ts'
import { useNow } from '../../ui/moment.tsx'

/** Whose statistics. */
export type Whose = { workflowId: string } | { projectId: string }

export type Scope = {
  range: Range
  /** What every question about this page's runs has in common. */
  asked: { from?: string; to?: string; topLevel: boolean; timeZone: string; version?: VersionFilter }
  search: StatisticsSearch
}

/** A browser that does not know where it is says so; then days are those of UTC. */
export const timeZone = here === 'Etc/Unknown' ? 'UTC' : here

/** How often figures are asked for anew. */
export const EVERY_MS = 15_000

export function useScope(search: StatisticsSearch): Scope {
  const now = useNow(20_000)
  const minute = Math.floor(now / 60_000) * 60_000
  return useMemo(() => {
    const range = rangeOf(search, minute)
    const version = versionFilter(search)
    return { range, search, asked: { ...range.window, topLevel: !search.children, timeZone, ...(version && { version }) } }
  }, [search, minute])
}

/** Changes what the address says of this page, and leaves the rest of it. */
export function useChange(): (change: Partial<Record<keyof StatisticsSearch, unknown>>) => void {
  const navigate = useNavigate()
  return (change) => void navigate({ to: '.', search: (search) => readStatisticsSearch({ ...search, ...change }), replace: true, resetScroll: false })
}

export function useDefinitions() {
  return useQuery(api.statistics.definitions.queryOptions(undefined, { staleTime: Number.POSITIVE_INFINITY }))
}
