import { describe, expect, it } from 'vitest'
import { isLostPart, part } from './lost-part.ts'

const SAID = {
  Chromium: 'Failed to fetch dynamically imported module: http://127.0.0.1/assets/account-1.js',
  Firefox: 'error loading dynamically imported module: http://127.0.0.1/assets/account-1.js',
  Safari: 'Importing a module script failed.',
  'the bundler, of a style sheet': 'Unable to preload CSS for /assets/account-1.css',
}

describe('a part that did not arrive', () => {
  it.each(Object.entries(SAID))('is known by the words of %s', async (_, words) => {
    expect(isLostPart(new TypeError(words))).toBe(true)
    const lost = await part(Promise.reject(new TypeError(words))).catch((error: unknown) => error)
    expect(isLostPart(lost)).toBe(true)
    expect(String(lost)).not.toContain(words)
  })

  it('is not every error', async () => {
    const fault = new TypeError('x is undefined')
    expect(isLostPart(fault)).toBe(false)
    await expect(part(Promise.reject(fault))).rejects.toBe(fault)
    await expect(part(Promise.resolve(1))).resolves.toBe(1)
  })
})
