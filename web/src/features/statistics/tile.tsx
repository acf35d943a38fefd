import type { ReactNode } from 'react'
import { Info } from '../../ui/info.tsx'
import { Bone } from '../../ui/states.tsx'

/** One figure: its name, how it is computed, its value, and over how many. */
export function Tile(props: { label: string; how: string; children: ReactNode; below?: ReactNode }) {
  return (
    <div className="panel tile">
      <dt className="tile-label">{props.label} <Info about={props.label} text={props.how} /></dt>
      <dd>{props.children}</dd>
      {props.below && <dd className="sub">{props.below}</dd>}
    </div>
  )
}

/** The big text of a tile; a dash where nothing was counted, never a zero that means “unknown”. */
export function Value({ children, long }: { children: ReactNode; long?: boolean }) {
  return <span className={`tile-value ${long ? 'long' : ''}`}>{children ?? '–'}</span>
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
