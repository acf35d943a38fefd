import type { Chain, ChainRun } from '../api/types.ts'
import { counted, formatCount } from './figure.ts'

type Figures = Chain['figures']

/** How a run came to be, as one says it; `before` is the number of the run that it came from. */
export function originWords(run: Pick<ChainRun, 'origin'>, before: number | null): string {
  const from = before === null ? 'the run before' : `run ${formatCount(before)}`
  switch (run.origin) {
    case 'first': return 'the beginning'
    case 'carried_on': return `carries on from ${from}`
    case 'retried': return `tries again after ${from}`
    case 'cron': return 'next turn of its cron schedule'
    case 'reset': return before === null ? 'reset of an earlier run' : `reset of ${from}`
    case null: return 'not copied yet'
  }
}

/** `after the first, 6 carried on where the one before ended and 1 tried again`; null for a chain of one. */
export function chainWords(figures: Figures): string | null {
  const ways = [
    [figures.carriedOnRuns, 'carried on where the one before ended'],
    [figures.retriedRuns, 'tried again after an error'],
    [figures.cronRuns, figures.cronRuns === 1 ? 'was a turn of the cron schedule' : 'were turns of the cron schedule'],
    [figures.resetRuns, figures.resetRuns === 1 ? 'was a reset' : 'were resets'],
  ] as const
  const said = ways.filter(([count]) => count > 0).map(([count, words]) => `${formatCount(count)} ${words}`)
  if (said.length === 0) return null
  return said.length === 1 ? `${said[0]}` : `${said.slice(0, -1).join(', ')} and ${said.at(-1)}`
}

/** What the story leaves out, one sentence each. */
export function chainGaps(figures: Figures): string[] {
  return [
    ...(figures.hasFirst ? [] : ['It began earlier: Temporal had deleted its first runs before Watchglass could copy them, or they are still to be found. Numbers count from the first run that is known.']),
    ...(figures.missingPlaces > (figures.hasFirst ? 0 : 1) ? [`Runs are missing at ${counted(figures.missingPlaces - (figures.hasFirst ? 0 : 1), 'place')} in between; the list says where.`] : []),
    ...(figures.uncopiedRuns > 0 ? [`Of ${counted(figures.uncopiedRuns, 'run')} the steps are not copied yet.`] : []),
    ...(figures.goneRuns > 0 ? [`Temporal has deleted ${counted(figures.goneRuns, 'run')} by now; what you see of them is Watchglass’s own copy.`] : []),
  ]
}
