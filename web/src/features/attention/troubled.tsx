import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../../api/client.ts'
import type { TroubledExecution } from '../../api/types.ts'
import { type ProblemKind, problemWords } from '../../lib/attention.ts'
import { counted } from '../../lib/figure.ts'
import { Age } from '../../ui/moment.tsx'
import { Bone, Problem } from '../../ui/states.tsx'
import { Foreign, Id } from '../../ui/text.tsx'

const PAGE = 20

/** The open runs with one kind of trouble, those that have it longest first. */
export function Troubled({ projectId, problem, count }: { projectId: string | undefined; problem: ProblemKind; count: number }) {
  const words = problemWords(problem)
  const input = { problem, limit: PAGE, ...(projectId !== undefined && { projectId }) }
  const pages = useInfiniteQuery(
    api.attention.list.infiniteQueryOptions(input, { getNextPageParam: (page) => page.nextCursor ?? undefined, refetchInterval: 10_000 }),
  )
  const runs = pages.data?.pages.flatMap((page) => page.items)
  return (
    <section className="attention-group" aria-label={words.title}>
      <h2>
        {words.title} <span className="sub">{counted(count, 'run')}</span>
      </h2>
      <p className="sub">{words.todo}</p>
      {pages.error && !runs ? (
        <Problem error={pages.error} what="these runs" retry={() => void pages.refetch()} />
      ) : (
        <ul className="panel attention-list">
          {runs?.map((run) => <TroubledRow key={run.id} run={run} withProject={projectId === undefined} />) ?? <li><Bone width="60%" /></li>}
        </ul>
      )}
      {pages.hasNextPage && (
        <div className="pager">
          <button type="button" className="button" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>More of these runs</button>
        </div>
      )}
    </section>
  )
}

function TroubledRow({ run, withProject }: { run: TroubledExecution; withProject: boolean }) {
  return (
    <li className="attention-row">
      <div className="row">
        <Link to="/executions/$executionId" params={{ executionId: run.id }} data-row><Id text={run.temporalWorkflowId} longest={64} /></Link>
        <span className="sub">
          <Foreign text={run.workflowName} longest={60} />
          {withProject && <> · <Foreign text={run.projectName} longest={40} /></>}
        </span>
        <span className="grow" />
        {run.problemSince && <span className="sub nowrap">first seen <Age iso={run.problemSince} /></span>}
      </div>
      <p><Foreign text={run.problemDetail ?? 'It will not get further by itself.'} longest={400} /></p>
    </li>
  )
}
