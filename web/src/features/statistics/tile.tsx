import type { ReactNode } from 'react'
import type { Change } from '../../lib/change.ts'
import { Info } from '../../ui/info.tsx'
import { Bone } from '../../ui/states.tsx'
import { How } from './how.tsx'

/** One figure: its name, how it is computed (as the server defines `metric`, or in words of its own), its value, how it moved, and over how many. */
export function Tile(props: { label: string; metric?: string; how?: string; of?: 'runs' | 'components'; note?: string; children: ReactNode; change?: ReactNode; below?: ReactNode }) {
  return (
    <div className="panel tile">
      <dt className="tile-label">{props.label} {props.metric && <How name={props.metric} of={props.of ?? 'runs'} label={props.label} note={props.note} />}{props.how && <Info about={props.label} text={props.how} />}</dt>
      <dd>{props.children}</dd>
      {props.change && <dd className="sub">{props.change}</dd>}
      {props.below && <dd className="sub">{props.below}</dd>}
    </div>
  )
}

/** The big text of a tile; a dash where nothing was counted, never a zero that means “unknown”. */
export function Value({ children, long }: { children: ReactNode; long?: boolean }) {
  return <span className={`tile-value ${long ? 'long' : ''}`}>{children ?? '–'}</span>
}

/** `▲ 6 % on the week before`. Nothing where there is nothing to compare with. `bad` is the way that is no good news. */
export function Moved({ change, since, bad }: { change: Change | null; since: string; bad?: 'up' | 'down' }) {
  if (!change) return null
  if (change.way === 'same') return <span>{change.text}</span>
  return (
    <span className={change.way === bad ? 'bad-text' : ''}>
      <span aria-hidden="true">{change.way === 'up' ? '▲' : '▼'}</span> <span className="unseen">{change.way} </span>{change.text} on {since}
    </span>
  )
}

export function TileBones({ count }: { count: number }) {
  return (
    <div className="tiles" aria-hidden="true">
      {Array.from({ length: count }, (_, at) => (
        <div key={at} className="panel tile"><Bone width={80} /><br /><Bone width={110} height={24} /><br /><Bone width={120} /></div>
      ))}
    </div>
  )
}
