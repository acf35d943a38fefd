import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useMatchRoute } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { api, queryClient } from '../../api/client.ts'
import type { Execution } from '../../api/types.ts'
import { headlineOf, type Headline } from '../../lib/headline.ts'
import { isOpen } from '../../lib/status.ts'
import { workerCommand } from '../../lib/worker-command.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { messageOf } from '../../ui/states.tsx'
import { Foreign } from '../../ui/text.tsx'
import { TryAgain } from '../project-frame.tsx'
import type { Run } from './use-run.ts'

const Waiting = lazy(() => import('../run-graph/waiting.tsx').then((module) => ({ default: module.Waiting })))

/** What a person must know before reading on: the answer, then what is unusual about the copy. */
export function Notices({ run, canEdit }: { run: Run; canEdit: boolean }) {
  const { execution, sync } = run
  const headline = headlineOf(execution, run.steps)
  const replacement = execution.chain.find((link) => link.relation === 'replacement')
  return (
    <div className="notices">
      {headline && <Answer headline={headline} executionId={execution.id} />}
      {execution.problem === 'no_worker' && execution.version !== null && <StartWorker execution={execution} />}
      {execution.version !== null && isOpen(execution.status) && <Suspense><Waiting execution={execution} canDecide={canEdit} /></Suspense>}
      {sync.state === 'gone' && (
        <div className="notice info">
          <Icon name="info" />
          <span><b>Gone from Temporal.</b> Temporal has deleted this run. What you see is Watchglass’s own copy{execution.detailState === 'complete' ? ', and it is whole' : ''}.</span>
        </div>
      )}
      {(sync.state === 'failed' || execution.syncStatus === 'set_aside') && (
        <div className="notice warn">
          <Icon name="alert" />
          <span className="grow">
            <b>{execution.syncStatus === 'set_aside' ? 'Set aside.' : 'The last sync failed.'}</b>{' '}
            <Foreign text={sync.error ?? 'No reason was kept.'} />{' '}
            {execution.syncStatus === 'set_aside' ? 'It is tried once a day.' : 'It is tried again by itself.'} What you see may be old.
          </span>
          <TryAgain executionId={execution.id} />
        </div>
      )}
      {execution.decodeError && (
        <div className="notice warn">
          <Icon name="alert" />
          <span><b>Not decoded yet.</b> <Foreign text={execution.decodeError} longest={600} /> It is tried again by itself; until then values are shown as Temporal holds them.</span>
        </div>
      )}
      {execution.supersededBy && (
        <div className="notice info">
          <Icon name="forward" />
          <span>A reset put another run in this one’s place{execution.status === 'completed' ? '.' : '; it is left out of the success rate and the errors.'}</span>
          {replacement?.executionId && (
            <Link className="notice-action" to="/executions/$executionId" params={{ executionId: replacement.executionId }}>Open that run</Link>
          )}
        </div>
      )}
      {execution.stoppedByReset && !execution.supersededBy && (
        <div className="notice info">
          <Icon name="forward" />
          <span>Temporal stopped this run because an earlier run of its workflow id was reset; it is left out of the success rate and the errors.</span>
        </div>
      )}
      {execution.isRetried && (
        <div className="notice info">
          <Icon name="forward" />
          <span>Temporal carries this run on in a new one, so it does not count as an error.</span>
        </div>
      )}
      {sync.state === 'on_request' && <OnRequest execution={execution} />}
      {execution.detailState === 'none' && sync.state !== 'on_request' && sync.state !== 'gone' && (
        <div className="notice info">
          <Icon name="info" />
          <span>Only its line was copied so far. Opening it copies the rest.</span>
        </div>
      )}
      {execution.unknownEventCount > 0 && (
        <div className="notice info">
          <Icon name="info" />
          <span>{execution.unknownEventCount} events are of types that this version does not know. They are kept in the raw history, and not shown as steps.</span>
        </div>
      )}
    </div>
  )
}

const ICONS = { bad: 'cross', warn: 'alert', info: 'info' } as const

/** A built run goes on when its project's own worker does: how to start one. */
function StartWorker({ execution }: { execution: Execution }) {
  const project = useQuery(api.project.get.queryOptions({ projectId: execution.projectId }, { staleTime: 60_000 }))
  if (!project.data) return null
  const command = workerCommand(project.data.name)
  return (
    <div className="notice info" data-testid="start-worker">
      <Icon name="info" />
      <span className="grow">
        Start a worker of this project where Temporal can be reached: <code>{command}</code> <CopyButton text={command} label="the command" />
        <span className="sub"> Components of your own come with <code>--app MODULE</code>.</span>
      </span>
    </div>
  )
}

function Answer({ headline, executionId }: { headline: Headline; executionId: string }) {
  const isOnDrawing = useMatchRoute()({ to: '/executions/$executionId/graph' }) !== false
  return (
    <div className={`notice ${headline.tone}`} data-testid="headline">
      <Icon name={ICONS[headline.tone]} />
      <span>
        {headline.parts.map((part, at) => {
          const text = <Foreign text={part.text} longest={part.strong ? 120 : 480} />
          return part.strong ? <b key={at}>{text}</b> : <span key={at}>{text}</span>
        })}
      </span>
      {headline.eventId !== null && (
        <Link
          className="notice-action"
          to={isOnDrawing ? '/executions/$executionId/graph' : '/executions/$executionId'}
          params={{ executionId }}
          search={{ step: headline.eventId }}
        >
          Go to the step
        </Link>
      )}
    </div>
  )
}

/** A run of which only the list was copied, and the way to the rest. */
function OnRequest({ execution }: { execution: Execution }) {
  const copy = useMutation(api.execution.syncExecutionFromTemporal.mutationOptions({ onSettled: () => queryClient.invalidateQueries() }))
  return (
    <div className="notice info">
      <Icon name="info" />
      <span className="grow">
        {execution.detailState === 'none' ? 'Only its line was copied: that is all this connection copies by itself.' : 'Its steps are as they were when somebody last had it copied.'}
        {copy.error && <span className="bad-text" role="alert"> {messageOf(copy.error)}</span>}
      </span>
      <button type="button" className="button notice-action" disabled={copy.isPending} onClick={() => copy.mutate({ executionId: execution.id })}>
        {copy.isPending ? 'Copying…' : 'Copy this run'}
      </button>
    </div>
  )
}
