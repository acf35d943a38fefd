import { useEffect, useState } from 'react'
import type { Json } from '../../api/types.ts'

type Props = { id: string; value: Json | undefined; isReadOnly: boolean; describedBy: string | undefined; onChange: (value: Json | undefined) => void; rows?: number }

/** A value as JSON text. What cannot be read stays in the field, with why, and the value as it was. */
export function JsonField({ id, value, isReadOnly, describedBy, onChange, rows }: Props) {
  const written = value === undefined ? '' : JSON.stringify(value, null, 2)
  const [text, setText] = useState(written)
  const [refusal, setRefusal] = useState<string | null>(null)
  useEffect(() => {
    setText((before) => (sameValue(before, value) ? before : written))
    setRefusal(null)
  }, [written, value])
  const change = (typed: string): void => {
    setText(typed)
    if (typed.trim() === '') {
      setRefusal(null)
      onChange(undefined)
      return
    }
    try {
      const read = JSON.parse(typed) as Json
      setRefusal(null)
      onChange(read)
    } catch (error) {
      setRefusal(`This is not JSON yet: ${error instanceof Error ? error.message : 'it cannot be read'}. Texts need quotation marks.`)
    }
  }
  return (
    <>
      <textarea id={id} className="mono" rows={rows ?? Math.min(12, Math.max(2, text.split('\n').length))} spellCheck={false} readOnly={isReadOnly} aria-describedby={describedBy} aria-invalid={refusal !== null} value={text} onChange={(event) => change(event.target.value)} />
      {refusal && <span className="field-problem error" role="status">{refusal}</span>}
    </>
  )
}

function sameValue(text: string, value: Json | undefined): boolean {
  if (text.trim() === '') return value === undefined
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(value)
  } catch {
    return false
  }
}
