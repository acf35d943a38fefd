import { formatExactMoment } from '../../lib/moment.ts'
import { Icon } from '../../ui/icon.tsx'
import type { Editing } from './use-draft.ts'

/** Whether what is on the screen is on the server. */
export function SavingNote({ editing }: { editing: Editing }) {
  const { saving, known } = editing
  switch (saving.state) {
    case 'saved':
      return <span className="sub saving-note" role="status"><Icon name="check" /> <span title={formatExactMoment(known.updatedAt)}>saved</span></span>
    case 'waiting':
      return <span className="sub saving-note" role="status">not saved yet</span>
    case 'saving':
      return <span className="sub saving-note" role="status">saving …</span>
    case 'failed':
      return <span className="sub saving-note bad-text" role="status" title={saving.sentence}><Icon name="alert" /> not saved</span>
    case 'conflict':
      return <span className="sub saving-note bad-text" role="status"><Icon name="alert" /> not saved: somebody else did</span>
  }
}

/** `draft · 2 changes since v12` */
export function DraftPill({ editing }: { editing: Editing }) {
  const { basedOn, changeCount } = editing.known
  if (basedOn === null) return <span className="pill warn">draft · no version yet</span>
  if (changeCount === 0) return <span className="pill mute">v{basedOn}</span>
  return <span className="pill warn">draft · {changeCount === 1 ? '1 change' : `${changeCount} changes`} since v{basedOn}</span>
}
