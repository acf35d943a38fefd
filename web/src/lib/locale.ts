/** The browser's language, or English where it names one that `Intl` does not know (LANG=C gives `en-US@posix`). */
export const locale: string = knownLocale(globalThis.navigator?.language)

export function knownLocale(name: string | undefined): string {
  try {
    return Intl.getCanonicalLocales(name ?? 'en-GB')[0] ?? 'en-GB'
  } catch {
    return 'en-GB'
  }
}
