/** A stretch of ordinary text, or one character that cannot be seen or that would reorder what is. */
export type Piece = { text: string; hidden: boolean }

// C0, C1, soft hyphen, zero-width, bidi controls, line and paragraph separators, byte order mark, tags.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu

/** Splits text so that every character a person could miss, or be fooled by, is drawn by its number, `U+202E`. */
export function visiblePieces(text: string): Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), hidden: false })
    pieces.push(symbolOf(match[0]))
    end = match.index + match[0].length
  }
  if (end < text.length) pieces.push({ text: text.slice(end), hidden: false })
  return pieces
}

function symbolOf(character: string): Piece {
  const code = character.codePointAt(0) ?? 0
  return { text: `U+${code.toString(16).toUpperCase().padStart(4, '0')}`, hidden: true }
}

/** Keeps both ends of a long id, where ids differ: `order-…-10482`. */
export function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text
  const head = Math.ceil((longest - 1) * 0.6)
  return `${text.slice(0, head)}…${text.slice(text.length - (longest - 1 - head))}`
}
