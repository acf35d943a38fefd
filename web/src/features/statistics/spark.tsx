import { counted } from '../../lib/figure.ts'

const WIDTH = 4
const UP = 16
const DOWN = 8

/** Runs upwards, errors downwards, in equal parts of the time: where they go tells them apart, not their colour alone. */
export function Spark({ runs, errors }: { runs: readonly number[]; errors: readonly number[] }) {
  const most = Math.max(...runs, 1)
  const worst = Math.max(...errors, 1)
  const [all, bad] = [runs, errors].map((counts) => counts.reduce((sum, count) => sum + count, 0)) as [number, number]
  const height = UP + DOWN
  return (
    <svg className="spark" width={runs.length * WIDTH} height={height} viewBox={`0 0 ${runs.length * WIDTH} ${height}`} role="img" aria-label={`Over the time: ${counted(all, 'run')} upwards, ${counted(bad, 'error')} downwards`}>
      <path d={`M0 ${UP + 0.5}H${runs.length * WIDTH}`} stroke="var(--line)" />
      {runs.map((count, at) => count > 0 && <rect key={at} x={at * WIDTH} y={UP - tall(count, most, UP)} width={WIDTH - 1} height={tall(count, most, UP)} fill="var(--bar-open)" />)}
      {errors.map((count, at) => count > 0 && <rect key={at} x={at * WIDTH} y={UP + 1} width={WIDTH - 1} height={tall(count, worst, DOWN - 1)} fill="var(--bar-bad)" />)}
    </svg>
  )
}

/** At least a pixel and a half, so that one run among thousands is seen. */
const tall = (count: number, most: number, height: number): number => Math.max((count / most) * height, 1.5)
