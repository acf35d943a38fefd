type Cell = string | number | null

/** RFC 4180. Text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function toCsv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n'
}

function cell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** `order-fulfilment-runs.csv`: letters and digits of any language, the rest as dashes. */
export function fileName(...parts: string[]): string {
  const name = parts.join('-').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 100)
  return `${name || 'statistics'}.csv`
}
