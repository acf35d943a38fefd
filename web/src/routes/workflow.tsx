import { useQuery } from '@tanstack/react-query'
import { useLocation, useParams, useSearch } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { PAGE, RunHistory } from '../features/history/run-history.tsx'
import { WorkflowFrame } from '../features/workflow-frame.tsx'
import { erasedSentence } from '../lib/erased.ts'
import { Icon } from '../ui/icon.tsx'
import { Empty } from '../ui/states.tsx'

const FROM = '/workflows/$workflowId'

export function WorkflowPage() {
  const { workflowId } = useParams({ from: FROM })
  return (
    <WorkflowFrame workflowId={workflowId} tab="Execution history">
      <JustErased />
      <History workflowId={workflowId} />
    </WorkflowFrame>
  )
}

/** Said to whoever comes from erasing a run. */
function JustErased() {
  const erased = useLocation({ select: ({ state }) => state.erased })
  if (!erased) return null
  return <div className="notices"><div className="notice info" role="status"><Icon name="check" /><span>{erasedSentence(erased)}</span></div></div>
}

function History({ workflowId }: { workflowId: string }) {
  const search = useSearch({ from: FROM })
  const { from, to } = search
  const runs = useQuery(api.execution.getExecutionHistory.queryOptions({ workflowId, limit: PAGE, ...search }, { refetchInterval: 3000 }))
  const figures = useQuery(api.execution.getWorkflowStatistics.queryOptions({ workflowId, ...(from && { from }), ...(to && { to }) }, { refetchInterval: 3000 }))
  return <RunHistory query={runs} counts={figures.data} what="the runs of this workflow" search={search} empty={<NoRuns />} />
}

function NoRuns() {
  return (
    <Empty title="No runs yet">
      <p>Start one from your code, and it appears here by itself:</p>
      <code>temporal workflow start --type YourWorkflow --task-queue your-queue</code>
    </Empty>
  )
}
