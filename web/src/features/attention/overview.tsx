import type { ReactNode } from 'react'
import type { Attention } from '../../api/types.ts'
import { everyText, PROBLEMS, slowestRound } from '../../lib/attention.ts'
import { counted } from '../../lib/figure.ts'
import { Icon } from '../../ui/icon.tsx'
import { Bone, Empty, Problem } from '../../ui/states.tsx'
import { BadEnds } from './bad-ends.tsx'
import { Copies, isAway } from './copies.tsx'
import { useAttention } from './rail-link.tsx'
import { Troubled } from './troubled.tsx'
import './attention.css'

/** Everything that needs a person, most pressing first. Without a project: in all of them. */
export function AttentionOverview({ projectId }: { projectId?: string }) {
  const attention = useAttention(projectId)
  if (!attention.data) {
    if (attention.error) return <Problem error={attention.error} what="what needs attention" retry={() => void attention.refetch()} />
    return <div className="panel empty" aria-hidden="true"><Bone width={220} height={20} /><Bone width={320} /></div>
  }
  const { problems, connections, total } = attention.data
  return (
    <div className="attention">
      {total === 0 ? <AllWell attention={attention.data} /> : <p className="sub watching">{watching(attention.data)}</p>}
      {PROBLEMS.map((problem) => {
        const found = problems.find((one) => one.problem === problem)
        return found && <Troubled key={problem} projectId={projectId} problem={problem} count={found.count} />
      })}
      <Copies connections={connections} />
      <BadEnds projectId={projectId} />
    </div>
  )
}

function AllWell({ attention }: { attention: Attention }) {
  return (
    <Empty title="Nothing needs attention">
      <p><Icon name="check" /> {watching(attention)}</p>
      <p className="sub">Looked for: workflow code that fails, task queues without a worker, steps that fail again and again, histories close to their limit.</p>
    </Empty>
  )
}

function watching({ connections }: Attention): ReactNode {
  const asked = connections.filter((one) => !isAway(one))
  const round = slowestRound(asked)
  if (connections.length === 0) return 'No Temporal namespace is connected yet, so nothing is watched.'
  if (round === null) return 'The first look at the open runs is still to come.'
  const open = asked.reduce((sum, one) => sum + (one.openRuns ?? 0), 0)
  return `${counted(open, 'open run')} in ${counted(asked.length, 'namespace')} ${open === 1 ? 'is' : 'are'} watched: each is asked about ${everyText(round)}.`
}
