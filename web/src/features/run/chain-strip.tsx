import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../../api/client.ts'
import type { Execution } from '../../api/types.ts'
import { formatCount } from '../../lib/figure.ts'
import { isOpen } from '../../lib/status.ts'
import { Icon } from '../../ui/icon.tsx'
import { Moment } from '../../ui/moment.tsx'

/** A run that others came before or after: which one it is, and the way to them. */
export function ChainStrip({ execution }: { execution: Execution }) {
  const inChain = execution.chain.length > 0
  const chain = useQuery({
    ...api.execution.getChain.queryOptions({ executionId: execution.id, limit: 1 }, { staleTime: 5000, refetchInterval: isOpen(execution.status) ? 10_000 : false }),
    enabled: inChain,
  })
  if (!inChain) return null
  const { data } = chain
  return (
    <nav className="chain-strip" aria-label="Chain of runs">
      <Icon name="link" />
      {data ? (
        <>
          <span><b>Run {formatCount(data.number)} of {formatCount(data.figures.totalRuns)}</b>{!data.figures.hasFirst && ' known'}</span>
          <span className="sub">begun <Moment iso={data.figures.firstStartedAt} /></span>
          <Neighbour id={data.previousExecutionId} icon="left" label="Run before" />
          <Neighbour id={data.nextExecutionId} icon="right" label="Next run" />
          <Link to="/executions/$executionId/chain" params={{ executionId: execution.id }}>The whole chain</Link>
        </>
      ) : (
        <span className="sub">{chain.error ? 'One run of a chain, which could not be loaded.' : 'One run of a chain.'}</span>
      )}
    </nav>
  )
}

function Neighbour({ id, icon, label }: { id: string | null; icon: 'left' | 'right'; label: string }) {
  const text = icon === 'left' ? <><Icon name={icon} />{label}</> : <>{label}<Icon name={icon} /></>
  if (id === null) return null
  return <Link to="/executions/$executionId" params={{ executionId: id }} className="row-link">{text}</Link>
}
