import { Link } from '@tanstack/react-router'
import type { ExecutionPage } from '../../api/types.ts'
import { formatCount } from '../../lib/figure.ts'
import { Icon } from '../../ui/icon.tsx'
import { Age } from '../../ui/moment.tsx'

/** Where in the list the page is, and the way to the ones beside it. */
export function Pager({ page, byTime }: { page: ExecutionPage; byTime: boolean }) {
  const last = page.position + page.items.length - 1
  const total = `${formatCount(page.total)}${page.totalIsExact ? '' : '+'}`
  return (
    <nav className="pager" aria-label="Pages">
      <span className="sub">{formatCount(page.position)}–{formatCount(last)} of {total} · as of <Age iso={page.asOf} /></span>
      <span className="grow" />
      <Step cursor={page.prevCursor} label={byTime ? 'Newer' : 'Previous'} icon="left" />
      <Step cursor={page.nextCursor} label={byTime ? 'Older' : 'Next'} icon="right" />
    </nav>
  )
}

function Step({ cursor, label, icon }: { cursor: string | null; label: string; icon: 'left' | 'right' }) {
  const text = icon === 'left' ? <><Icon name={icon} /> {label}</> : <>{label} <Icon name={icon} /></>
  if (cursor === null) return <button type="button" className="button" disabled>{text}</button>
  return <Link to="." search={(search) => ({ ...search, cursor })} className="button">{text}</Link>
}
