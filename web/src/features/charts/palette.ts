import { useComputedColorScheme } from '@mantine/core'
import { useMemo } from 'react'

const NAMES = ['panel', 'line', 'line2', 'ink', 'ink2', 'ink3', 'accent', 'accent-bg', 'warn', 'mute', 'bar-ok', 'bar-bad', 'bar-back', 'bar-wait', 'bar-open', 'hatch'] as const
export type Palette = Record<(typeof NAMES)[number], string>

/** The colours of the theme that is on, for what cannot read custom properties itself. */
export function usePalette(): Palette {
  const scheme = useComputedColorScheme('light')
  return useMemo(() => readPalette(scheme), [scheme])
}

function readPalette(_scheme: string): Palette {
  const style = getComputedStyle(document.documentElement)
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Palette
}
