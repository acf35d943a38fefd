import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import type { FigureCheck } from '../api/types.ts'
import { Shell } from '../features/shell.tsx'
import { counted, formatCount } from '../lib/figure.ts'
import { Age, Moment } from '../ui/moment.tsx'
import { Bone, Empty, Problem } from '../ui/states.tsx'
import { Foreign } from '../ui/text.tsx'
import '../styles/account.css'

/** Whether stored figures are what the runs add up to; for administrators. */
export function PeopleFiguresPage() {
  return (
    <Shell title="Figures" crumbs={[{ label: 'People', to: '/people' }, { label: 'Figures' }]}>
      <div className="title">
        <h1>Figures</h1>
        <span className="sub">stored figures, against the runs that they are of</span>
      </div>
      <div className="account">
        <p className="sub">Once a day, and after an update, the stored figures of each project are compared with its runs. What differs is made anew from the runs by itself; if that happens other than after an update, please report it. <code>watchglass stats check</code> compares at once.</p>
        <Checks />
      </div>
    </Shell>
  )
}

function Checks() {
  const checks = useQuery(api.statistics.checks.queryOptions(undefined, { refetchInterval: 30_000 }))
  if (checks.error && !checks.data) return <Problem error={checks.error} what="how the stored figures are" retry={() => void checks.refetch()} />
  if (!checks.data) return <div className="panel account-form" aria-hidden="true"><Bone width="60%" /><Bone width="70%" /></div>
  if (checks.data.items.length === 0) {
    return (
      <Empty title="Nothing was compared yet">
        <p>The first comparison is a quarter of an hour after a worker has started.</p>
      </Empty>
    )
  }
  return (
    <ul className="panel account-items" aria-label="Comparisons">
      {checks.data.items.map((check, index) => <Check key={check.projectId ?? index} check={check} />)}
    </ul>
  )
}

function Check({ check }: { check: FigureCheck }) {
  return (
    <li className="account-item">
      <div className="grow">
        <div className="row">
          {check.projectId !== null && check.projectName !== null
            ? <Link to="/projects/$projectId/statistics" params={{ projectId: check.projectId }}><strong><Foreign text={check.projectName} longest={80} /></strong></Link>
            : <strong>A project that you are not a member of</strong>}
          <State check={check} />
        </div>
        <span className="sub"><Outcome check={check} /></span>
      </div>
      <span className="sub">{check.checkedAt === null ? 'not compared yet' : <>compared <Age iso={check.checkedAt} />{check.release !== null && <> by <Foreign text={check.release} longest={40} /></>}</>}</span>
    </li>
  )
}

function State({ check }: { check: FigureCheck }) {
  if (check.checkedAt === null) return <span className="pill mute">waits</span>
  if (check.differingFigures === 0) return <span className="pill ok">equal</span>
  return isMended(check) ? <span className="pill warn">made anew</span> : <span className="pill bad">differ</span>
}

function Outcome({ check }: { check: FigureCheck }) {
  if (check.checkedAt === null) return <>The first comparison is under way, or still to come.</>
  if (check.differingFigures === 0) {
    return (
      <>
        {counted(check.comparedFigures, 'figure is', 'figures are')} what the runs add up to{check.driftedAt !== null && <>; some last differed on <Moment iso={check.driftedAt} /></>}.
      </>
    )
  }
  const differing = <>{formatCount(check.differingFigures)} of {counted(check.comparedFigures, 'figure')} were not what the runs add up to</>
  return isMended(check) && check.rebuiltAt !== null
    ? <>{differing}, and were made anew <Age iso={check.rebuiltAt} />.</>
    : <>{differing}. They are made anew as soon as nothing else works on them.</>
}

function isMended(check: FigureCheck): boolean {
  return check.rebuiltAt !== null && check.checkedAt !== null && Date.parse(check.rebuiltAt) > Date.parse(check.checkedAt)
}
