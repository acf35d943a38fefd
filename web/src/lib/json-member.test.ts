import { expect, it } from 'vitest'
import { memberOf } from './json-member.ts'

it.each([
  ['{"version":1,"input":{"a":[1.10,{"input":2}],"b":"x"},"workflowId":"w"}', '{"a":[1.10,{"input":2}],"b":"x"}'],
  ['{"input": 18446744073709551616}', '18446744073709551616'],
  ['{"a":{"input":1},"input":[ ]}', '[]'],
  ['{"input":{"a":":"}}', '{"a":":"}'],
  ['{"input":null,"b":2}', 'null'],
])('takes a member out of %s', (text, member) => {
  expect(memberOf(text, 'input')).toBe(member)
})

it.each(['{"a":{"input":1}}', '["input"]', '"input"', '{"input":1', ''])('finds none in %j', (text) => {
  expect(memberOf(text, 'input')).toBeNull()
})
