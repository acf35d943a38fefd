import { Icon } from '../../ui/icon.tsx'
import { messageOf } from '../../ui/states.tsx'

/** Why something was not done. Nothing when it was. */
export function Refusal({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null
  return (
    <div className="notice bad" role="alert">
      <Icon name="alert" />
      <span>{messageOf(error)}</span>
    </div>
  )
}
