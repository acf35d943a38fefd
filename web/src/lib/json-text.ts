/**
 * JSON as people read it, without parsing it into values: numbers keep every digit (`1.10`, 2^64), keys their order and
 * doubles, strings their escapes. Iterative, because payloads may be nested 10,000 levels deep.
 */
export type TokenKind = 'key' | 'string' | 'number' | 'word' | 'mark'
export type Token = { kind: TokenKind; text: string }
export type Line = { depth: number; tokens: Token[] }

const TOKEN = /\s*(?:("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|([[\]{},:]))/y

/**
 * The tokens in order, or null when the text is not JSON as far as brackets and words go. Of a text that was cut
 * (`isWhole` false) what cannot be read any more becomes one last token.
 */
export function tokenize(text: string, isWhole: boolean = true): Token[] | null {
  const tokens: Token[] = []
  const scanner = new RegExp(TOKEN)
  const end = text.trimEnd().length
  while (scanner.lastIndex < end) {
    const from = scanner.lastIndex
    const match = scanner.exec(text)
    if (match) tokens.push(tokenOf(match))
    else if (isWhole || tokens.length === 0) return null
    else {
      tokens.push({ kind: 'string', text: text.slice(from).trimStart() })
      break
    }
  }
  return tokens.length > 0 && (!isWhole || isBalanced(tokens)) ? markKeys(tokens) : null
}

function tokenOf(match: RegExpExecArray): Token {
  if (match[1] !== undefined) return { kind: 'string', text: match[1] }
  if (match[2] !== undefined) return { kind: 'number', text: match[2] }
  if (match[3] !== undefined) return { kind: 'word', text: match[3] }
  return { kind: 'mark', text: match[4] ?? '' }
}

function isBalanced(tokens: Token[]): boolean {
  const open: string[] = []
  for (const { kind, text } of tokens) {
    if (kind !== 'mark') continue
    if (text === '{' || text === '[') open.push(text)
    else if (text === '}' && open.pop() !== '{') return false
    else if (text === ']' && open.pop() !== '[') return false
  }
  return open.length === 0
}

function markKeys(tokens: Token[]): Token[] {
  tokens.forEach((token, at) => {
    if (token.kind === 'string' && tokens[at + 1]?.text === ':') token.kind = 'key'
  })
  return tokens
}

/** Lines with their depth, two spaces a level where the caller draws them; empty objects and arrays stay on one line. */
export function layOut(tokens: Token[]): Line[] {
  const lines: Line[] = []
  let line: Line = { depth: 0, tokens: [] }
  let depth = 0
  const breakLine = (): void => {
    if (line.tokens.length > 0) lines.push(line)
    line = { depth, tokens: [] }
  }
  tokens.forEach((token, at) => {
    const opens = token.kind === 'mark' && (token.text === '{' || token.text === '[')
    const closes = token.kind === 'mark' && (token.text === '}' || token.text === ']')
    const isEmpty = closes && isOpening(tokens[at - 1])
    if (closes) {
      depth -= 1
      if (!isEmpty) breakLine()
    }
    line.tokens.push(token)
    if (opens) {
      depth += 1
      if (!isClosing(tokens[at + 1])) breakLine()
    } else if (token.kind === 'mark' && token.text === ',') breakLine()
  })
  breakLine()
  return lines
}

function isOpening(token: Token | undefined): boolean {
  return token?.kind === 'mark' && (token.text === '{' || token.text === '[')
}

function isClosing(token: Token | undefined): boolean {
  return token?.kind === 'mark' && (token.text === '}' || token.text === ']')
}

/** Indentation stops growing here: 10,000 levels of two spaces would be 100 MB of blanks. */
export const DEEPEST_INDENT = 60

/** The same lines as one text, for the big viewer and for copying; the original text when it is not JSON. */
export function prettyText(text: string, isWhole: boolean = true): string {
  const tokens = tokenize(text, isWhole)
  if (!tokens) return text
  return layOut(tokens)
    .map((line) => '  '.repeat(Math.min(line.depth, DEEPEST_INDENT)) + writeLine(line))
    .join('\n')
}

function writeLine(line: Line): string {
  return line.tokens.map((token) => (token.text === ':' ? ': ' : token.text)).join('')
}
