import { useEffect, useState } from 'react'
import { secondsText } from '../../../canvas/flow.ts'
import { readSeconds } from '../../../lib/seconds.ts'

/** A length of time as people write it: `5 s`, `1 m 30 s`, `2h`. Empty is none. */
export function SecondsInput(props: { id: string; label: string; value: number | null; placeholder?: string; isRequired?: boolean; isReadOnly: boolean; onChange: (seconds: number | null) => void }) {
  const written = props.value === null ? '' : secondsText(props.value)
  const [text, setText] = useState(written)
  const [refusal, setRefusal] = useState<string | null>(null)
  useEffect(() => {
    setText((before) => (readSeconds(before) === props.value ? before : written))
    setRefusal(null)
  }, [props.value, written])
  const change = (typed: string): void => {
    setText(typed)
    if (typed.trim() === '') {
      setRefusal(props.isRequired ? 'A time is needed here.' : null)
      if (!props.isRequired) props.onChange(null)
      return
    }
    const seconds = readSeconds(typed)
    setRefusal(seconds === null ? 'Write a time such as 5 s, 1 m 30 s or 2 h; at most ten years.' : null)
    if (seconds !== null) props.onChange(seconds)
  }
  return (
    <>
      <input id={props.id} type="text" readOnly={props.isReadOnly} autoComplete="off" placeholder={props.placeholder ?? 'none'} aria-invalid={refusal !== null} aria-describedby={refusal ? `${props.id}-refusal` : undefined} value={text} onChange={(event) => change(event.target.value)} onBlur={() => refusal === null && setText(written)} />
      {refusal && <span className="field-problem error" id={`${props.id}-refusal`}>{refusal}</span>}
    </>
  )
}
