import type { IconName } from '../lib/status.ts'

type Name =
  | IconName
  | 'home' | 'list' | 'chart' | 'moon' | 'sun' | 'help' | 'sync' | 'external' | 'search' | 'down' | 'info' | 'copy' | 'close'
  | 'left' | 'right' | 'out' | 'link' | 'flag'

/** Strokes on a 16 × 16 grid, in the colour of the text around them. */
const PATHS: Record<Name, string> = {
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4 4l8 8M12 4l-8 8',
  dash: 'M4 8h8',
  clock: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11zM8 5v3.2l2.2 1.4',
  retry: 'M12.8 6.2A5.2 5.2 0 1 0 13.2 9M13 2.8v3.6H9.4',
  pause: 'M6 4v8M10 4v8',
  play: 'M5.5 3.8v8.4L12 8z',
  dots: 'M4 8h.01M8 8h.01M12 8h.01',
  stop: 'M4.5 4.5h7v7h-7z',
  forward: 'M3 8h9M9 4.5L12.5 8 9 11.5',
  question: 'M5.8 6a2.3 2.3 0 1 1 3.3 2c-.8.4-1.1.8-1.1 1.6M8 12h.01',
  alert: 'M8 2.8L14 13H2zM8 6.8v2.8M8 11.4h.01',
  home: 'M2.5 7.5L8 3l5.5 4.5M4 7v6h8V7',
  list: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01',
  chart: 'M3 13V8M8 13V3M13 13V6',
  moon: 'M13 9.5A5.5 5.5 0 1 1 6.5 3 4.5 4.5 0 0 0 13 9.5z',
  sun: 'M8 5a3 3 0 1 0 0 6a3 3 0 0 0 0-6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7',
  help: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM6.3 6.3a1.8 1.8 0 1 1 2.5 1.6c-.6.3-.8.6-.8 1.2M8 11.2h.01',
  sync: 'M3 7a5 5 0 0 1 8.6-2.4L13 6M13 2.6V6H9.6M13 9a5 5 0 0 1-8.6 2.4L3 10M3 13.4V10h3.4',
  external: 'M9.5 2.5h4v4M13.5 2.5L8 8M11.5 9v4h-8V5h4',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9zM10.3 10.3l3.2 3.2',
  down: 'M4 6.5l4 4 4-4',
  info: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.4v3.4M8 5.2h.01',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  close: 'M4 4l8 8M12 4l-8 8',
  left: 'M10 3.5L5.5 8l4.5 4.5',
  right: 'M6 3.5L10.5 8 6 12.5',
  out: 'M6 2.5H3v11h3M7 8h7M11 5l3 3-3 3',
  link: 'M6.5 9.5l3-3M7 4.5l1.4-1.4a2.8 2.8 0 0 1 4 4L11 8.5M9 11.5l-1.4 1.4a2.8 2.8 0 0 1-4-4L5 7.5',
  flag: 'M4 14V3M4 3.5h8l-2 2.8 2 2.8H4',
}

export function Icon({ name }: { name: Name }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
