/** What browsers and the bundler's own loader say of a script or a style sheet that could not be fetched. */
const LOST = ['Failed to fetch dynamically imported module', 'error loading dynamically imported module', 'Importing a module script failed', 'Unable to preload CSS']

export function isLostPart(error: unknown): boolean {
  return error instanceof Error && LOST.some((words) => error.message.startsWith(words))
}

/**
 * Load the page anew, once for each part that is lost: it was cut off on the way, or the server that had it was replaced
 * by another version. A part that is still not there then is told of by the page (`routes/crashed.tsx`).
 */
export function loadAnewWhenAPartIsLost(): void {
  addEventListener('vite:preloadError', ({ payload }) => {
    const key = `lost part: ${payload.message}`
    if (sessionStorage.getItem(key)) return
    sessionStorage.setItem(key, 'loaded anew')
    location.reload()
  })
}
