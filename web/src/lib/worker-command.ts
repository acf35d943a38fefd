import { shellWord } from './shell-word.ts'

/** What starts a project's own worker, as it is typed into a shell. */
export function workerCommand(project: string): string {
  return `watchglass worker --project ${shellWord(project)}`
}
