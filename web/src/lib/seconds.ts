const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400 }
const LONGEST = 10 * 365 * 86_400

/** A length of time in seconds from what people write: `5`, `5 s`, `1m 30s`, `1.5 h`; `null` when it is none above zero. */
export function readSeconds(text: string): number | null {
  const parts = [...text.trim().toLowerCase().matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)?\s*/gy)]
  if (parts.length === 0 || parts.reduce((length, part) => length + part[0].length, 0) !== text.trim().length) return null
  if (parts.length > 1 && parts.some((part) => part[2] === undefined)) return null
  const seconds = parts.reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2] ?? 's'] ?? 1), 0)
  return seconds > 0 && seconds <= LONGEST ? Number(seconds.toFixed(3)) : null
}
