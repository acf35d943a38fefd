import { useMutation } from '@tanstack/react-query'
import { api, queryClient } from '../../api/client.ts'
import type { Execution, Sync } from '../../api/types.ts'
import { isOpen } from '../../lib/status.ts'
import { Icon } from '../../ui/icon.tsx'
import { Age } from '../../ui/moment.tsx'
import { messageOf } from '../../ui/states.tsx'

/** `synced 3 s ago · live`, and the button that asks Temporal again. */
export function Freshness({ execution, sync }: { execution: Execution; sync: Sync }) {
  const now = useMutation(
    api.execution.syncExecutionFromTemporal.mutationOptions({ onSettled: () => queryClient.invalidateQueries() }),
  )
  return (
    <>
      <span className="sub freshness" role="status">
        {now.error ? (
          <span className="bad-text">{messageOf(now.error)}</span>
        ) : (
          <>
            {stateOf(execution, sync) === 'live' && <i className="live-dot" />}
            <span>
              {sync.syncedAt ? <>synced <Age iso={sync.syncedAt} /> · </> : 'not synced yet · '}
              {now.data && !now.data.synced ? 'Temporal takes its time, sync goes on' : stateOf(execution, sync)}
            </span>
          </>
        )}
      </span>
      <button type="button" className="button" disabled={now.isPending || sync.state === 'gone'} onClick={() => now.mutate({ executionId: execution.id })}>
        <Icon name="sync" /> {now.isPending ? 'Syncing…' : 'Sync now'}
      </button>
    </>
  )
}

function stateOf(execution: Execution, sync: Sync): string {
  if (sync.state === 'gone') return 'gone from Temporal'
  if (sync.state === 'failed') return 'last sync failed'
  if (sync.state === 'on_request') return 'copied on request'
  if (sync.state === 'syncing') return 'syncing'
  if (!isOpen(execution.status)) return 'complete'
  return sync.state === 'stale' ? 'behind' : 'live'
}
