import { expect, it } from 'vitest'
import { tell } from './activity.ts'

const line = (action: string, details: Record<string, unknown>) => ({ id: '1', at: '2026-11-23T06:00:00Z', by: 'ada', action, target: 't', about: null, details: details as never })

it('says who may do what', () => {
  expect(tell(line('member.add', { name: 'bob', role: 'viewer', seesPayloads: false }))).toEqual({ words: 'made a member of', thing: 'bob', more: 'viewer, without values' })
})

it('says which group brought a membership, or does no more', () => {
  expect(tell(line('member.update', { name: 'bob', role: 'editor', seesPayloads: true, group: 'staff', groupBefore: 'sales' })).more).toBe('editor, with values, by the group staff')
  expect(tell(line('member.update', { name: 'bob', role: 'editor', seesPayloads: true, groupBefore: 'sales' })).more).toBe('editor, with values, no more by the group sales')
  expect(tell(line('member.remove', { name: 'bob', group: 'staff' })).more).toBe('by the group staff')
})

it('says what a run was called', () => {
  expect(tell(line('execution.terminate', { temporalWorkflowId: 'order-1', reason: 'wrong address' }))).toEqual({ words: 'terminated', thing: 'order-1', more: 'wrong address' })
})

it('says what it knows of a line whose details were erased, and of an action that is new', () => {
  expect(tell(line('execution.cancel', { erased: true }))).toEqual({ words: 'asked to end', thing: null, more: null })
  expect(tell(line('moon.paint', {}))).toEqual({ words: 'moon.paint', thing: 't', more: null })
})
