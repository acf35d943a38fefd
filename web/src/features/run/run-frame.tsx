import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '../../api/client.ts'
import { Icon } from '../../ui/icon.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Bone, Problem } from '../../ui/states.tsx'
import { RunPill } from '../../ui/status-pill.tsx'
import { PageTabs } from '../../ui/tabs.tsx'
import { Foreign, Id } from '../../ui/text.tsx'
import { DecodingNote } from '../decode/offer.tsx'
import { DecodedRun } from '../decode/scope.tsx'
import { Shell } from '../shell.tsx'
import { EraseAction, RunActions } from './actions.tsx'
import { ChainStrip } from './chain-strip.tsx'
import { FactBones, Facts } from './facts.tsx'
import { Freshness } from './freshness.tsx'
import { Notices } from './notices.tsx'
import { Lifecycle, Relatives } from './relatives.tsx'
import { type Run, useRun } from './use-run.ts'

/** Everything of a run's page above and around its tab. */
export function RunFrame(props: { executionId: string; tab: string; children: (run: Run | null) => ReactNode }) {
  const { executionId } = props
  const { run: held, error, refetch } = useRun(executionId)
  const execution = held?.execution
  const projectId = execution?.projectId
  const project = useQuery({ ...api.project.get.queryOptions({ projectId: projectId ?? '' }, { staleTime: 60_000 }), enabled: projectId !== undefined })
  return (
    <Shell
      projectId={projectId}
      title={`${execution?.temporalWorkflowId.slice(0, 80) ?? 'Run'} · ${props.tab}`}
      crumbs={[
        { label: 'All projects', to: '/' },
        { label: project.data?.name ?? '…', ...(projectId && { to: `/projects/${projectId}` }) },
        { label: execution?.workflowName ?? '…', ...(execution && { to: `/workflows/${execution.workflowId}` }) },
        { label: 'run' },
      ]}
    >
      {!held && error ? (
        <>
          <h1 className="unseen">Run</h1>
          <Problem error={error} what="this run" retry={() => void refetch()} />
        </>
      ) : (
        <DecodedRun run={held?.execution ?? null}>
          {(shown) => <Body {...props} run={held && shown && { ...held, execution: shown }} isAway={error !== null} canEdit={project.data !== undefined && project.data.role !== 'viewer'} isOwner={project.data?.role === 'owner'} />}
        </DecodedRun>
      )}
    </Shell>
  )
}

function Body(props: { executionId: string; run: Run | null; isAway: boolean; canEdit: boolean; isOwner: boolean; children: (run: Run | null) => ReactNode }) {
  const { executionId, run, canEdit } = props
  const { step } = useSearch({ strict: false })
  const isDrawn = useIsDrawn(run)
  const selection = step === undefined ? {} : { step }
  return (
    <>
      <Head run={run} canEdit={canEdit} isOwner={props.isOwner} />
      {run ? (
        <>
          {props.isAway && <div className="notices"><div className="notice warn" role="alert"><Icon name="alert" /><span>Watchglass does not answer at the moment. This is what it said last.</span></div></div>}
          <Notices run={run} canEdit={canEdit} />
          <Facts run={run} />
          <Lifecycle execution={run.execution} />
          <Relatives execution={run.execution} />
          <ChainStrip execution={run.execution} />
        </>
      ) : (
        <FactBones />
      )}
      <PageTabs label="Run">
        <Link to="/executions/$executionId" params={{ executionId }} search={selection} activeOptions={{ exact: true, includeSearch: false }}>Steps</Link>
        {isDrawn && <Link to="/executions/$executionId/graph" params={{ executionId }} search={selection} activeOptions={{ includeSearch: false }}>Graph</Link>}
        <Link to="/executions/$executionId/values" params={{ executionId }}>Input and result</Link>
        {run && run.execution.chain.length > 0 && <Link to="/executions/$executionId/chain" params={{ executionId }}>Chain</Link>}
        <Link to="/executions/$executionId/raw" params={{ executionId }}>Raw history</Link>
      </PageTabs>
      {props.children(run)}
    </>
  )
}

/** Whether there is a drawing of what ran: built here, or registered with rules that say which runs belong to it. */
function useIsDrawn(run: Run | null): boolean {
  const isBuilt = run !== null && run.execution.version !== null
  const workflow = useQuery({ ...api.workflow.get.queryOptions({ workflowId: run?.execution.workflowId ?? '' }, { staleTime: 60_000 }), enabled: run !== null && !isBuilt })
  return isBuilt || (workflow.data?.id === run?.execution.workflowId && workflow.data?.kind === 'built')
}

function Head({ run, canEdit, isOwner }: { run: Run | null; canEdit: boolean; isOwner: boolean }) {
  if (!run) return <div className="title"><h1><span className="unseen">Loading the run</span><Bone width={260} height={24} /></h1></div>
  const { execution } = run
  return (
    <>
      <div className="title">
        <h1><Foreign text={execution.temporalWorkflowId} longest={120} /></h1>
        <CopyButton text={execution.temporalWorkflowId} label="the workflow id" />
        <RunPill run={execution} />
        <div className="title-actions">
          <Freshness execution={execution} sync={run.sync} />
          {execution.temporalUrl && (
            <a className="button" href={execution.temporalUrl} target="_blank" rel="noreferrer">
              <Icon name="external" /> Open in Temporal
            </a>
          )}
          {execution.version !== null && canEdit && <RunActions execution={execution} version={execution.version} />}
        </div>
      </div>
      <div className="row sub">
        <span>run <Id text={execution.temporalRunId} longest={40} /> <CopyButton text={execution.temporalRunId} label="the run id" /></span>
        <DecodingNote />
        {isOwner && <><span className="grow" /><EraseAction key={execution.id} execution={execution} /></>}
      </div>
    </>
  )
}
