import { expect, it } from 'vitest'
import { areSame, countMarks, draftOf, eventName, lineOf, markedPieces, PATTERNS, redactCommand, refusedLines, rulesOf, rulesWithout } from './redaction.ts'

const draft = { keys: ' password \n\n*token*\n', paths: '', patterns: ['email' as const, 'card_number' as const], expressions: 'ACME-[0-9]+ \n\n(' }

it('reads one rule a line, and keeps the blanks of an expression alone', () => {
  expect(rulesOf(draft)).toEqual({ keys: ['password', '*token*'], paths: [], patterns: ['card_number', 'email'], expressions: ['ACME-[0-9]+ ', '('] })
})

it('finds the line of a rule behind empty ones', () => {
  expect(lineOf(draft, 'keys', 1)).toBe(3)
  expect(lineOf(draft, 'expressions', 1)).toBe(3)
})

it('gives saved rules back as they were', () => {
  const rules = rulesOf(draft)
  expect(areSame(rulesOf(draftOf(rules)), rules)).toBe(true)
  expect(areSame({ ...rules, keys: ['password'] }, rules)).toBe(false)
  expect(areSame({ ...rules, patterns: [...rules.patterns].reverse() }, rules)).toBe(true)
})

it('names the rules that one has and the other has not', () => {
  const rules = rulesOf(draft)
  const other = { ...rules, keys: ['password', 'card'], patterns: ['email' as const] }
  expect(rulesWithout(rules, other)).toEqual(['*token*', 'Card numbers'])
  expect(rulesWithout(other, rules)).toEqual(['card'])
  expect(rulesWithout(rules, rules)).toEqual([])
})

it('refuses lines that are too long, and the first that is too many', () => {
  expect(refusedLines({ ...draft, keys: `a\n${'x'.repeat(501)}` }, 'keys').map(({ line }) => line)).toEqual([2])
  expect(refusedLines({ ...draft, paths: Array.from({ length: 102 }, (_, at) => `p${at}`).join('\n') }, 'paths').map(({ line }) => line)).toEqual([101])
  expect(refusedLines({ ...draft, keys: '😀'.repeat(500) }, 'keys')).toEqual([])
})

it('tells marks from what looks like them', () => {
  expect(markedPieces('a [redacted:0123abcd] b [redacted:XYZ]')).toEqual([{ text: 'a ', isMark: false }, { text: '[redacted:0123abcd]', isMark: true }, { text: ' b [redacted:XYZ]', isMark: false }])
  expect(countMarks('[redacted:0123abcd][redacted:0123abcd]')).toBe(2)
  expect(countMarks('')).toBe(0)
})

it('writes a project’s name as a shell reads it', () => {
  expect(redactCommand('Shop')).toBe('watchglass redact --project Shop')
  expect(redactCommand("Ada's shop")).toBe("watchglass redact --project 'Ada'\\''s shop'")
})

it('names events as Temporal does', () => {
  expect(eventName('EVENT_TYPE_WORKFLOW_EXECUTION_STARTED')).toBe('WorkflowExecutionStarted')
})

it('has every pattern once', () => {
  expect(new Set(PATTERNS.map(({ name }) => name)).size).toBe(PATTERNS.length)
})
