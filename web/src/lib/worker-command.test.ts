import { expect, it } from 'vitest'
import { workerCommand } from './worker-command.ts'

it.each([
  ['Local', 'watchglass worker --project Local'],
  ['Night shift', "watchglass worker --project 'Night shift'"],
  ["Ada's; rm -rf /", "watchglass worker --project 'Ada'\\''s; rm -rf /'"],
])('%s is one word of a shell', (project, command) => {
  expect(workerCommand(project)).toBe(command)
})
