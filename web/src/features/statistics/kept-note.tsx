import type { WorkflowStatistics } from '../../api/types.ts'
import { formatDay } from '../../lib/retention.ts'
import { Icon } from '../../ui/icon.tsx'

/** Said where the range reaches into a time of which only figures by days are left. */
export function KeptNote({ kept }: { kept: WorkflowStatistics['kept'] }) {
  if (kept === null) return null
  return (
    <div className="notice info" role="status">
      <Icon name="clock" />
      <span>
        <b>Runs that started before {formatDay(kept.rowsFrom)} are no longer kept.</b> Figures from before are by whole days (UTC), percentiles within 2 %; what their errors said
        went with them, and recent runs are those that are kept.{kept.isMoved && kept.from !== null && ` The figures begin with ${formatDay(kept.from)}.`}
      </span>
    </div>
  )
}
