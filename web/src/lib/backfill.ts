import type { Backfill, BackfillEstimate } from '../api/types.ts'
import { counted, formatBytes, formatCount } from './figure.ts'

/** `12,000 of 18,330 runs listed · 4,000 of 12,000 copied`. */
export function stageOf(job: Backfill): string {
  if (job.state === 'waiting') return 'waiting for a worker'
  const listed = job.expectedRuns !== null && job.isListing
    ? `${formatCount(job.listedRuns)} of ${counted(Math.max(job.expectedRuns, job.listedRuns), 'run')} found`
    : `${counted(job.listedRuns, 'run')} found`
  const others = job.isListing ? 0 : job.listedRuns - job.toCopyRuns
  const parts = [others > 0 ? `${listed}, ${formatCount(others)} of them known already or not to be copied` : listed, `${formatCount(job.copiedRuns)} of ${formatCount(job.toCopyRuns)} copied`]
  if (job.missedRuns > 0) parts.push(`${formatCount(job.missedRuns)} deleted by Temporal before`)
  if (job.setAsideRuns > 0) parts.push(`${formatCount(job.setAsideRuns)} set aside`)
  return parts.join(' · ')
}

/** `48 a second · about 3 min left`; nothing before there is a rate. */
export function remainingOf(job: Backfill): string {
  if (job.runsPerSecond === null || job.secondsLeft === null) return ''
  const rate = job.runsPerSecond >= 10 ? formatCount(Math.round(job.runsPerSecond)) : job.runsPerSecond.toFixed(1)
  return `${rate} a second · ${roughly(job.secondsLeft)} left`
}

/** `less than a minute`, `about 6 min`, `about 3 h 20 min`: no more exact than it is known. */
function roughly(seconds: number): string {
  const minutes = Math.round(seconds / 60)
  if (seconds < 60) return 'less than a minute'
  return minutes < 60 ? `about ${minutes} min` : `about ${formatCount(Math.floor(minutes / 60))} h${minutes % 60 > 0 ? ` ${minutes % 60} min` : ''}`
}

/** What one level costs: `18,330 runs, 412,000 events, 88.1 MiB, 18,400 calls, about 6 min`. */
export function costOf(estimate: BackfillEstimate, level: string): string {
  const cost = estimate.levels.find((one) => one.level === level)
  if (!cost) return ''
  if (cost.copiedRuns === 0) return `${counted(estimate.runs, 'line')} in ${counted(cost.calls, 'call')}; histories only when somebody looks`
  const about = estimate.isExact ? '' : 'about '
  return [
    counted(cost.copiedRuns, 'run'),
    `${about}${counted(cost.events, 'event')}`,
    `${about}${formatBytes(cost.bytes)}`,
    counted(cost.calls, 'call'),
    roughly(cost.minutes * 60),
  ].join(', ')
}

/** `Steps of 1,204 of 18,330 runs were copied.` */
export function coverageOf({ detailed, total }: { detailed: number; total: number }): string {
  if (detailed === total) return total === 1 ? 'Covers the one run there is.' : `Covers all ${counted(total, 'run')}.`
  return `Steps of ${formatCount(detailed)} of ${counted(total, 'run')} were copied.`
}
