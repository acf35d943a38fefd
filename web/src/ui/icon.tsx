import type { IconName } from '../lib/status.ts'

export type Name =
  | IconName
  | 'home' | 'list' | 'chart' | 'moon' | 'sun' | 'help' | 'sync' | 'external' | 'search' | 'down' | 'info' | 'copy' | 'close'
  | 'left' | 'right' | 'out' | 'link' | 'flag' | 'undo' | 'redo' | 'plus' | 'fit' | 'trash' | 'tidy'
  | 'puzzle' | 'frame' | 'branch' | 'split' | 'merge' | 'loop' | 'person' | 'braces' | 'world' | 'database' | 'function'
  | 'mail' | 'people' | 'key' | 'dice' | 'file' | 'card' | 'truck' | 'bell' | 'robot' | 'lock' | 'download' | 'zoom'

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
  people: 'M6 8a2.3 2.3 0 1 0 0-4.6A2.3 2.3 0 0 0 6 8zM1.8 13c.3-2.2 2-3.4 4.2-3.4s3.9 1.2 4.2 3.4M10.5 3.6a2.3 2.3 0 0 1 0 4.2M12.2 9.9c1.200.5 1.900 1.600 2 3.100',
  key: 'M5.5 7.5a3 3 0 1 0 0 .1M8.5 7.6h5.5M11.5 7.6v2.6M14 7.6v2',
  link: 'M6.5 9.5l3-3M7 4.5l1.4-1.4a2.8 2.8 0 0 1 4 4L11 8.5M9 11.5l-1.4 1.4a2.8 2.8 0 0 1-4-4L5 7.5',
  flag: 'M4 14V3M4 3.5h8l-2 2.8 2 2.8H4',
  undo: 'M5.5 3L2.5 6l3 3M2.5 6h7a3.5 3.5 0 0 1 0 7H6',
  redo: 'M10.5 3l3 3-3 3M13.5 6h-7a3.5 3.5 0 0 0 0 7H10',
  plus: 'M8 3.5v9M3.5 8h9',
  fit: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  trash: 'M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9M7 7v4M9 7v4',
  tidy: 'M2.5 3h4v3h-4zM9.5 6.5h4v3h-4zM2.5 10h4v3h-4zM6.5 4.5H8v7H6.5M8 8h1.5',
  puzzle: 'M3 5h2.6a1.7 1.7 0 1 1 3.2 0H11.5v2.8a1.7 1.7 0 1 1 0 3.2V13.5H3z',
  frame: 'M2.5 3.5h11v9h-11zM5.5 6.5h5v3h-5z',
  branch: 'M8 2.2L13.8 8 8 13.8 2.2 8z',
  split: 'M2 8h4M6 8l4-4.5h3.5M6 8l4 4.5h3.5M6 8h7.5',
  merge: 'M2.5 3.5H6L10 8h3.5M2.5 12.5H6L10 8M2.5 8H10',
  loop: 'M3 6.5a2.5 2.5 0 0 1 2.5-2.5H12M9.8 1.8L12 4 9.8 6.2M13 9.5a2.5 2.5 0 0 1-2.5 2.5H4M6.2 9.8L4 12l2.2 2.2',
  person: 'M8 2.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5zM3 13.5c0-2.8 2.2-4 5-4s5 1.2 5 4',
  braces: 'M6 2.5c-2 0-2 1-2 2.5S4 7.2 2.5 8C4 8.8 4 9.5 4 11s0 2.5 2 2.5M10 2.5c2 0 2 1 2 2.5s0 2.2 1.5 3C12 8.8 12 9.5 12 11s0 2.5-2 2.5',
  world: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM2 8h12M8 2c2 1.8 2.8 3.8 2.8 6S10 12.2 8 14C6 12.2 5.2 10.2 5.2 8S6 3.8 8 2z',
  database: 'M8 2.5c3 0 5 .9 5 2s-2 2-5 2-5-.9-5-2 2-2 5-2zM3 4.5v7c0 1.1 2 2 5 2s5-.9 5-2v-7M3 8c0 1.1 2 2 5 2s5-.9 5-2',
  function: 'M11.5 3.2C9.5 2.2 8.5 3.2 8.2 5L7 11c-.4 1.8-1.4 2.8-3 2M5.5 7h5',
  mail: 'M2.5 4h11v8.5h-11zM2.5 4.5L8 9l5.5-4.5',
  dice: 'M3 3h10v10H3zM5.6 5.8h.4M10 10.2h.4M7.8 8h.4',
  file: 'M4 2.5h5l3 3v8H4zM9 2.5v3h3',
  card: 'M2.5 4h11v8.5h-11zM2.5 7h11M5 10.2h2',
  truck: 'M1.8 4.5h7.4v7H1.8zM9.2 7h3l2 2.2v2.3h-5M4.5 11.5a1.2 1.2 0 1 0 .01 0M11.5 11.5a1.2 1.2 0 1 0 .01 0',
  bell: 'M4 11V7.5a4 4 0 0 1 8 0V11l1 1.2H3zM6.8 13.8h2.4',
  download: 'M8 2.5V10M4.8 7L8 10.2 11.2 7M3 13.5h10',
  zoom: 'M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9zM10.3 10.3l3.2 3.2M7 5v4M5 7h4',
  lock: 'M4 7.5h8v6H4zM5.7 7.5V5.2a2.3 2.3 0 0 1 4.6 0v2.3',
  robot: 'M3.5 5.5h9v7h-9zM8 5.5V3M6 8.5h.01M10 8.5h.01M6.5 10.8h3',
}

/** Names of Tabler's icons, which components carry, and what they look like here. */
const TABLER: Record<string, Name> = {
  world: 'world', 'world-www': 'world', api: 'world', 'cloud-data-connection': 'world', database: 'database', sql: 'database', table: 'database',
  transform: 'function', wand: 'function', function: 'function', 'math-function': 'function', code: 'braces', braces: 'braces', json: 'braces', clock: 'clock', hourglass: 'clock',
  dice: 'dice', 'dice-5': 'dice', dices: 'dice', mail: 'mail', send: 'mail', message: 'mail', file: 'file', 'file-text': 'file', report: 'file',
  'credit-card': 'card', cash: 'card', truck: 'truck', package: 'truck', bell: 'bell', robot: 'robot', user: 'person', users: 'person',
  search: 'search', calculator: 'chart', 'chart-bar': 'chart', puzzle: 'puzzle',
}

/** The icon of a component: any name is allowed there, and one that is not known here is shown as a piece of a puzzle. */
export const componentIcon = (name: string): Name => (name in PATHS ? (name as Name) : (TABLER[name] ?? 'puzzle'))

export function Icon({ name }: { name: Name }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
