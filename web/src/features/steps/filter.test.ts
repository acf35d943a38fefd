import { expect, it } from 'vitest'
import { createFakeComponent } from '../../../fake/builders.ts'
import { countBy, filterSteps } from './filter.ts'

const steps = [
  createFakeComponent({ eventId: 5 }),
  createFakeComponent({ eventId: 9, status: 'failed', errorType: 'GatewayTimeout', displayName: 'Capture payment' }),
  createFakeComponent({ eventId: 12, kind: 'timer', displayName: 'Wait' }),
]
const ids = (search: Parameters<typeof filterSteps>[1]): number[] => filterSteps(steps, search).map((step) => step.eventId)

it('leaves the list alone without a filter', () => {
  expect(filterSteps(steps, {})).toBe(steps)
})

it('looks in names and errors, whatever the case', () => {
  expect(ids({ find: 'gateway' })).toEqual([9])
  expect(ids({ find: 'CAPTURE' })).toEqual([9])
})

it('needs every condition', () => {
  expect(ids({ status: ['completed'], kind: ['timer'] })).toEqual([12])
  expect(ids({ status: ['failed'], kind: ['timer'] })).toEqual([])
})

it('counts the choices, most first', () => {
  expect(countBy(steps, (step) => step.status)).toEqual([['completed', 2], ['failed', 1]])
})
