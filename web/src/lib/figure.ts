import { locale } from './locale.ts'

const whole = new Intl.NumberFormat(locale)

export function formatCount(count: number): string {
  return whole.format(count)
}

/** `98.7 %`. Never 100 % while something failed, never 0 % while something succeeded. */
export function formatRate(rate: number): string {
  if (rate <= 0 || rate >= 1) return rate <= 0 ? '0 %' : '100 %'
  const percent = Math.min(Math.max(Math.round(rate * 1000) / 10, 0.1), 99.9)
  return `${percent.toFixed(1)} %`
}

export function formatShare(share: number): string {
  return share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`
}

/** `512 B`, `2.0 KiB`, `4.7 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const units = ['KiB', 'MiB', 'GiB']
  let value = bytes / 1024
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value.toFixed(1)} ${units[unit] ?? ''}`
}

/** `1 step`, `2 steps`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}
