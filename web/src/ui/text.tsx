import { shorten, visiblePieces } from '../lib/visible-text.ts'

/** Text that came from a history: isolated from its surroundings, with every unseen character drawn by name. */
export function Foreign({ text, longest }: { text: string; longest?: number }) {
  const shown = longest === undefined ? text : shorten(text, longest)
  return <bdi title={shown === text ? undefined : text}>{pieces(shown)}</bdi>
}

/** The same in monospace: ids and types. */
export function Id({ text, longest }: { text: string; longest?: number }) {
  return (
    <code>
      <Foreign text={text} {...(longest === undefined ? {} : { longest })} />
    </code>
  )
}

function pieces(text: string) {
  return visiblePieces(text).map((piece, at) =>
    piece.hidden ? (
      <span key={at} className="control" title="A character that cannot be seen">
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  )
}
