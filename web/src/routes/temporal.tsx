import { useQuery } from '@tanstack/react-query'
import { Navigate, useParams } from '@tanstack/react-router'
import { client } from '../api/client.ts'
import { Shell } from '../features/shell.tsx'
import { Bone, Problem } from '../ui/states.tsx'
import { Id } from '../ui/text.tsx'

/** A run by Temporal's own ids, also one nobody has seen yet: found, copied, and then shown on its page. */
export function TemporalPage() {
  const { connectionId, workflowId, runId } = useParams({ from: '/t/$connectionId/$workflowId/{-$runId}' })
  const found = useQuery({
    queryKey: ['resolve', connectionId, workflowId, runId],
    queryFn: () => client.execution.resolve.mutate({ connectionId, temporalWorkflowId: workflowId, ...(runId && { temporalRunId: runId }) }),
    staleTime: 0,
    retry: false,
  })
  if (found.data) return <Navigate to="/executions/$executionId" params={{ executionId: found.data.executionId }} replace />
  return (
    <Shell title="Finding the run" crumbs={[{ label: 'All projects', to: '/' }]}>
      <div className="title"><h1>Finding the run</h1></div>
      <p className="sub"><Id text={workflowId} longest={120} /></p>
      {found.error ? <Problem error={found.error} what="this run" retry={() => void found.refetch()} /> : <Bone width="100%" height={240} />}
    </Shell>
  )
}
