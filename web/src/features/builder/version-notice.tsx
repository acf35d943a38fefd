import type { Draft } from '../../api/types.ts'
import { Icon } from '../../ui/icon.tsx'
import { Age } from '../../ui/moment.tsx'
import { messageOf } from '../../ui/states.tsx'
import { Foreign } from '../../ui/text.tsx'

type Details = { note: string; createdAt: string; createdBy: string | null; problems: Draft['problems'] }

/** Says that a version is looked at, not the draft, and leads back. */
export function VersionNotice({ version, details, error, onBack }: { version: number; details: Details | null; error: unknown; onBack: () => void }) {
  return (
    <div className="notice info" role="status">
      <Icon name="info" />
      <span className="grow">
        You look at version {version}{details && <>, saved <Age iso={details.createdAt} />{details.createdBy && <> by <Foreign text={details.createdBy} longest={40} /></>}{details.note && <>: <Foreign text={details.note} longest={200} /></>}</>}. It cannot be changed.
        {error != null && <> {messageOf(error)}</>}
      </span>
      <button type="button" className="plain notice-action" onClick={onBack}>Back to the draft</button>
    </div>
  )
}
