/** What starts a project's own worker, as it is typed into a shell. */
export function workerCommand(project: string): string {
  const isPlain = /^[\w.-]+$/.test(project)
  return `watchglass worker --project ${isPlain ? project : `'${project.replaceAll("'", "'\\''")}'`}`
}
