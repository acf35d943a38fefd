import type { RedactionRules } from '../api/types.ts'
import { shellWord } from './shell-word.ts'

/** What a project hides in values before they are stored, as people write it down: one rule a line. */

export type PatternName = RedactionRules['patterns'][number]
export type WrittenKind = 'keys' | 'paths' | 'expressions'
export type Draft = { [kind in WrittenKind]: string } & { patterns: PatternName[] }
/** A line, from 1, that cannot be used. */
export type RefusedLine = { line: number; message: string }
/** A stretch of text; `isMark`: it stands in place of a hidden value. */
export type MarkedPiece = { text: string; isMark: boolean }

const MOST_RULES = 100
const LONGEST_RULE = 500
const MARK = /\[redacted:[0-9a-f]{8}\]/g

export const PATTERNS: { name: PatternName; label: string; about: string }[] = [
  { name: 'card_number', label: 'Card numbers', about: '13 to 19 digits whose check digit is right.' },
  { name: 'iban', label: 'Bank accounts (IBAN)', about: 'With right check digits, written with spaces or without.' },
  { name: 'email', label: 'E-mail addresses', about: 'Whatever has a name, an @ and a domain.' },
  { name: 'phone', label: 'Phone numbers', about: 'International ones, which begin with a + and the country.' },
  { name: 'us_social_security', label: 'US social security numbers', about: 'Written 123-45-6789.' },
  { name: 'jwt', label: 'JSON Web Tokens', about: 'Signed tokens, which begin with eyJ.' },
  { name: 'bearer_token', label: 'Authorization values', about: 'What follows the word Bearer or Basic.' },
  { name: 'api_key', label: 'API keys', about: 'Of GitHub, GitLab, Slack, Stripe, OpenAI, Google, npm and Watchglass.' },
  { name: 'aws_access_key', label: 'AWS access key ids', about: 'The ids, such as AKIA…; hide the secret beside them by its key name.' },
  { name: 'private_key', label: 'Private keys', about: 'PEM blocks, from BEGIN PRIVATE KEY to its END.' },
  { name: 'url_password', label: 'Passwords in addresses', about: 'The password of https://name:password@host.' },
]

export function draftOf(rules: RedactionRules): Draft {
  return { keys: rules.keys.join('\n'), paths: rules.paths.join('\n'), patterns: [...rules.patterns], expressions: rules.expressions.join('\n') }
}

/** Rules that one has and the other has not, as people read them. */
export function rulesWithout(one: RedactionRules, other: RedactionRules): string[] {
  const names = (of: RedactionRules): string[] => [...of.keys, ...of.paths, ...PATTERNS.filter(({ name }) => of.patterns.includes(name)).map(({ label }) => label), ...of.expressions]
  const known = new Set(names(other))
  return names(one).filter((name) => !known.has(name))
}

/** Empty lines say nothing. Blanks around an expression may be meant; around names they never are. */
export function rulesOf(draft: Draft): RedactionRules {
  const texts = (kind: WrittenKind): string[] => written(draft, kind).map(({ text }) => text)
  return { keys: texts('keys'), paths: texts('paths'), patterns: PATTERNS.map(({ name }) => name).filter((name) => draft.patterns.includes(name)), expressions: texts('expressions') }
}

function written(draft: Draft, kind: WrittenKind): { text: string; line: number }[] {
  return draft[kind]
    .split('\n')
    .map((text, at) => ({ text: kind === 'expressions' ? text : text.trim(), line: at + 1 }))
    .filter(({ text }) => text.trim() !== '')
}

/** On which line of the draft the `at`-th rule of a kind stands. */
export function lineOf(draft: Draft, kind: WrittenKind, at: number): number {
  return written(draft, kind)[at]?.line ?? 1
}

/** What can be told without asking the server. */
export function refusedLines(draft: Draft, kind: WrittenKind): RefusedLine[] {
  const lines = written(draft, kind)
  const long = lines.filter(({ text }) => [...text].length > LONGEST_RULE).map(({ line }) => ({ line, message: `This rule is longer than ${LONGEST_RULE} characters.` }))
  const late = lines.slice(MOST_RULES, MOST_RULES + 1).map(({ line }) => ({ line, message: `There can be ${MOST_RULES} rules of a kind. Leave out those from here on.` }))
  return [...long, ...late]
}

export function countRules(rules: RedactionRules): number {
  return rules.keys.length + rules.paths.length + rules.patterns.length + rules.expressions.length
}

export function areSame(one: RedactionRules, other: RedactionRules): boolean {
  const text = ({ keys, paths, patterns, expressions }: RedactionRules): string => JSON.stringify([keys, paths, [...patterns].sort(), expressions])
  return text(one) === text(other)
}

export function markedPieces(text: string): MarkedPiece[] {
  const pieces: MarkedPiece[] = []
  let end = 0
  for (const found of text.matchAll(MARK)) {
    if (found.index > end) pieces.push({ text: text.slice(end, found.index), isMark: false })
    pieces.push({ text: found[0], isMark: true })
    end = found.index + found[0].length
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isMark: false })
  return pieces
}

export function countMarks(text: string): number {
  return markedPieces(text).filter(({ isMark }) => isMark).length
}

/** What is typed into a shell to apply the rules to what is stored already. */
export function redactCommand(project: string): string {
  return `watchglass redact --project ${shellWord(project)}`
}

/** `EVENT_TYPE_WORKFLOW_EXECUTION_STARTED` as Temporal's own tools write it: `WorkflowExecutionStarted`. */
export function eventName(type: string): string {
  return type
    .replace(/^EVENT_TYPE_/, '')
    .toLowerCase()
    .replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
