import { expect, test } from 'vitest'
import { createFakeComponent, createFakeDetails, createFakeExecution, createFakePayload } from '../../fake/builders.ts'
import { encodedOfRun, encodedOfStep, isOpenOnTheWay, isRunEncoded } from './encoded.ts'

const secret = createFakePayload('', { text: null, encoding: 'binary/encrypted', isEncoded: true, sha256: 'aa' })
const hidden = { kind: 'application', type: 'Declined', message: 'Encoded failure', stackTrace: '', nonRetryable: false, encoded: true, decoded: false, details: null, omittedCauses: 0, cause: null }

test('a run without encoded values has nothing to decode', () => {
  expect(isRunEncoded(createFakeExecution())).toBe(false)
})

test('input, result, memo, details and every cause of a run are looked at', () => {
  const outer = { ...hidden, encoded: false, details: [secret], cause: hidden }
  expect(encodedOfRun(createFakeExecution({ input: [secret], result: [secret], memo: { customer: secret }, failure: outer }))).toHaveLength(5)
})

test('of a step, failures are known once its details are', () => {
  const step = createFakeComponent({ input: [secret], output: null })
  expect(encodedOfStep(step, null)).toEqual(['aa'])
  expect(encodedOfStep(step, createFakeDetails(step, { previousFailure: hidden }))).toEqual(['aa', 'application Declined'])
})

test('plain http is readable on the way, except to the same machine', () => {
  expect(isOpenOnTheWay('http://codec.example.com')).toBe(true)
  expect(isOpenOnTheWay('https://codec.example.com')).toBe(false)
  expect(isOpenOnTheWay('http://127.0.0.1:8081')).toBe(false)
  expect(isOpenOnTheWay('http://127.0.0.1.example.com')).toBe(true)
})
