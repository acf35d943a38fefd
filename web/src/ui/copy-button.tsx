import { useState } from 'react'
import { Icon } from './icon.tsx'

/** Copies the text as it is, control characters and all. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle')
  const copy = async (): Promise<void> => {
    setState(await written(text) ? 'copied' : 'refused')
    setTimeout(() => setState('idle'), 1600)
  }
  const name = state === 'copied' ? 'Copied' : state === 'refused' ? 'The browser refused to copy' : `Copy ${label}`
  return (
    <button type="button" className="bare small above" aria-label={name} title={name} onClick={() => void copy()}>
      <Icon name={state === 'copied' ? 'check' : state === 'refused' ? 'cross' : 'copy'} />
    </button>
  )
}

async function written(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
