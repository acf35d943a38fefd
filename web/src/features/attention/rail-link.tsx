import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../../api/client.ts'
import { formatCount } from '../../lib/figure.ts'
import { Icon } from '../../ui/icon.tsx'

const EVERY_MS = 20_000

/** How much needs attention; undefined until it is known. Without a project: in all of them. */
export function useAttention(projectId?: string) {
  return useQuery(api.attention.get.queryOptions(projectId === undefined ? {} : { projectId }, { refetchInterval: EVERY_MS, staleTime: EVERY_MS / 2 }))
}

export function AttentionLink() {
  const total = useAttention().data?.total ?? 0
  return (
    <Link to="/attention" className="rail-link" aria-label={total > 0 ? `Needs attention: ${formatCount(total)}` : 'Needs attention'}>
      <Icon name="alert" />
      <span className="rail-text">Needs attention</span>
      <Badge count={total} />
    </Link>
  )
}

/** Nothing at all when there is nothing to count. */
export function Badge({ count }: { count: number }) {
  return count > 0 ? <span className="badge">{count > 999 ? '999+' : count}</span> : null
}
