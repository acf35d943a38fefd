import { secondsText } from '../../../canvas/flow.ts'

type Attempt = { number: number; startsAfterMs: number }

const WIDTH = 290
const LEFT = 10
const RIGHT = 24
/** The least that lies between two labels, so that they stay readable. */
const LABEL = 40

/** The attempts on a time axis: where each begins, when all those before fail at once. */
export function AttemptsPicture({ attempts, isCut }: { attempts: readonly Attempt[]; isCut: boolean }) {
  const last = attempts.at(-1)?.startsAfterMs ?? 0
  const x = (ms: number): number => LEFT + (last === 0 ? 0 : (ms / last) * (WIDTH - LEFT - RIGHT - (isCut ? 16 : 0)))
  let free = Number.NEGATIVE_INFINITY
  const end = x(last)
  const labelled = attempts.map((attempt, at) => {
    const here = x(attempt.startsAfterMs)
    const isLast = at === attempts.length - 1
    const isShown = isLast || (here >= free && end - here >= LABEL)
    if (isShown) free = here + LABEL
    return { ...attempt, x: here, isShown }
  })
  return (
    <svg className="attempts-picture" viewBox={`0 0 ${WIDTH} 44`} role="img" aria-label={`Attempts begin after ${attempts.slice(0, 12).map((attempt) => secondsText(attempt.startsAfterMs / 1000)).join(', ')}${isCut ? ', and so on' : ''}`}>
      <line x1={LEFT} x2={end} y1={16} y2={16} />
      {isCut && <line className="on" x1={end} x2={end + 30} y1={16} y2={16} />}
      {labelled.map((attempt) => (
        <g key={attempt.number}>
          <circle cx={attempt.x} cy={16} r={attempts.length > 14 ? 3 : 5} />
          {attempt.isShown && <text x={attempt.x} y={37} textAnchor={attempt.x < 16 ? 'start' : 'middle'} dx={attempt.x < 16 ? -LEFT : 0}>{secondsText(attempt.startsAfterMs / 1000)}</text>}
        </g>
      ))}
    </svg>
  )
}
