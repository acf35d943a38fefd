import { Fragment, lazy, Suspense, useMemo } from 'react'
import { DEEPEST_INDENT, layOut, type Line, tokenize } from '../../lib/json-text.ts'
import { markedPieces } from '../../lib/redaction.ts'
import { visiblePieces } from '../../lib/visible-text.ts'
import { Bone } from '../../ui/states.tsx'

const BigText = lazy(() => import('./big-text.tsx').then((module) => ({ default: module.BigText })))

/** Above this a text gets the viewer that draws only what is on the screen. */
const BIG_CHARACTERS = 40_000
const BIG_LINES = 600

/** A payload's text, character by character as it was: JSON laid out and coloured, anything else as it is. */
export function PayloadText({ text, isWhole, label }: { text: string; isWhole: boolean; label: string }) {
  const isBig = text.length > BIG_CHARACTERS
  const lines = useMemo(() => (isBig ? null : linesOf(text, isWhole)), [text, isBig, isWhole])
  if (isBig || (lines && lines.length > BIG_LINES)) {
    return (
      <Suspense fallback={<div className="payload-big"><Bone width="100%" height={480} /></div>}>
        <BigText text={text} isWhole={isWhole} label={label} />
      </Suspense>
    )
  }
  return (
    <div className="payload-box" role="region" aria-label={label} tabIndex={0} data-whole={isWhole}>
      {lines ? <ol>{lines.map((line, at) => <JsonLine key={at} line={line} />)}</ol> : <p className="payload-text">{visible(text)}</p>}
    </div>
  )
}

function linesOf(text: string, isWhole: boolean): Line[] | null {
  const tokens = tokenize(text, isWhole)
  return tokens && layOut(tokens)
}

function JsonLine({ line }: { line: Line }) {
  return (
    <li style={{ paddingLeft: `${Math.min(line.depth, DEEPEST_INDENT) * 2}ch` }}>
      {line.tokens.map((token, at) =>
        token.text === ':' ? ': ' : <span key={at} className={`token-${token.kind}`}>{visible(token.text)}</span>,
      )}
    </li>
  )
}

function visible(text: string) {
  return markedPieces(text).map((part, at) => (part.isMark ? <mark key={at} className="redacted">{part.text}</mark> : <Fragment key={at}>{seen(part.text)}</Fragment>))
}

function seen(text: string) {
  return visiblePieces(text).map((piece, at) => (piece.hidden ? <span key={at} className="control">{piece.text}</span> : piece.text))
}
