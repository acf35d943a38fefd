import { describe, expect, it } from 'vitest'
import { createFakeComponent, createFakeExecution } from '../../fake/builders.ts'
import type { Component, Execution } from '../api/types.ts'
import { formatMoment } from './moment.ts'
import { groupLifecycle, headlineOf, lifecycleText } from './headline.ts'

const text = (run: Partial<Execution>, steps: Component[] = []): string | undefined =>
  headlineOf(createFakeExecution(run), steps)?.parts.map((part) => part.text).join('')

const capture = { eventId: 31, nodeId: 'capture', displayName: 'Capture payment' }
const failed: Partial<Execution> = {
  status: 'failed', failedStep: capture, errorType: 'GatewayTimeout', errorMessage: 'card network did not answer within 5 s',
}

describe('headlineOf', () => {
  it('names the step, its attempts and the error', () => {
    expect(text(failed, [createFakeComponent({ eventId: 31, attempt: 5 })])).toBe(
      'Capture payment failed after 5 attempts: GatewayTimeout, card network did not answer within 5 s',
    )
  })
  it('invents no attempts', () => {
    expect(text(failed)).toMatch(/^Capture payment failed: /)
  })
  it('says so when the workflow itself failed', () => {
    expect(text({ ...failed, failedStep: null })).toMatch(/^The workflow failed: GatewayTimeout/)
  })
  it('says who stopped a run and why', () => {
    const lifecycle = [{ eventId: 9, type: 'terminated', at: null, by: 'ada', reason: 'wrong address' }]
    expect(text({ status: 'terminated', lifecycle })).toBe('Stopped by force by ada: wrong address')
  })
  it('says who paused a run or its step, since when and why', () => {
    const at = '2026-11-22T14:02:11.5Z'
    const lifecycle = [{ eventId: 9, type: 'paused', at, by: 'ada', reason: 'audit' }]
    expect(text({ status: 'paused', lifecycle })).toBe(`Paused by ada since ${formatMoment(at)}: audit. Nothing goes on until it is resumed.`)
    const currentStep = { eventId: 31, displayName: 'Authorise card', attempt: 4, isPaused: true }
    const step = createFakeComponent({ eventId: 31, status: 'paused', pause: { at, by: 'ada', reason: 'Is it fraud?', rule: null } })
    expect(text({ status: 'running', currentStep }, [step])).toBe(`Authorise card is paused by ada since ${formatMoment(at)}: Is it fraud?`)
    expect(text({ status: 'running', currentStep })).toBe('Authorise card is paused.')
  })
  it('puts a problem before everything else', () => {
    expect(text({ status: 'running', problem: 'no_worker', problemDetail: 'Nobody polls “orders”.' })).toBe('Nobody polls “orders”.')
  })
  it('says of a built run on which queue nobody listens', () => {
    const problemDetail = 'No worker takes work from the task queue orders, so nothing happens until one does. The last one asked for some at 2026-11-22 14:00:00 UTC.'
    expect(text({ status: 'running', version: 3, problem: 'no_worker', problemDetail })).toBe('No worker is listening on orders, so nothing happens until one does. The last one asked for some at 2026-11-22 14:00:00 UTC.')
    const currentStep = { eventId: 5, displayName: 'Pay', attempt: 1, isPaused: false }
    expect(text({ status: 'running', version: 3, problem: 'no_worker', problemDetail: 'No worker …, so Pay cannot run.', currentStep })).toBe('No worker …, so Pay cannot run.')
  })
  it('says where an open run is', () => {
    const currentStep = { eventId: 31, displayName: 'Authorise card', attempt: 4, isPaused: false }
    expect(text({ status: 'running', phase: 'retrying', currentStep })).toBe('Trying again: Authorise card, attempt 4.')
  })
  it('has nothing to add to a run that completed', () => {
    expect(text({ status: 'completed' })).toBeUndefined()
  })
})

describe('lifecycleText', () => {
  it('leaves out what the header says anyway', () => {
    expect(lifecycleText({ eventId: 1, type: 'started', at: null, by: null, reason: null })).toBeNull()
  })

  it('says in words why a worker was waited for in vain', () => {
    const timedOut = { eventId: 9, type: 'workflow_task_timed_out', at: null, by: null, reason: 'SCHEDULE_TO_START' }
    expect(lifecycleText(timedOut)).toBe('The worker that had this run was gone; another could take it up')
    expect(lifecycleText({ ...timedOut, reason: 'HEARTBEAT' })).toBe('Worker did not answer: HEARTBEAT')
  })
})

it('leaves the id of the next run to the link', () => {
  const event = { eventId: 9, type: 'continued_as_new', at: null, by: null, reason: 'ea406335-1e25-47f7-8a9d-46170b182d28' }
  expect(lifecycleText(event)).toBe('Carried on in a new run')
})

describe('groupLifecycle', () => {
  it('counts failing tasks in a row', () => {
    const failing = { eventId: 3, type: 'workflow_task_failed', at: null, by: null, reason: 'bug' }
    expect(groupLifecycle([failing, failing, failing]).map((group) => group.count)).toEqual([3])
  })
})
