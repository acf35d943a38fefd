/** What browsers and the bundler's own loader say of a script or a style sheet that could not be fetched. */
const LOST = ['Failed to fetch dynamically imported module', 'error loading dynamically imported module', 'Importing a module script failed', 'Unable to preload CSS']
const KEY = 'loaded anew at'
const AGAIN_AFTER_MS = 60_000

class LostPart extends Error {}

export function isLostPart(error: unknown): boolean {
  return error instanceof LostPart || (error instanceof Error && LOST.some((words) => error.message.startsWith(words)))
}

/** A page's code. The router knows the browsers' words, too, and loads anew at once, whether or not anybody answers. */
export async function part<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading
  } catch (error) {
    throw isLostPart(error) ? new LostPart('A part of the page did not arrive.', { cause: error }) : error
  }
}

/**
 * Load the page anew where that helps: the server answers, and it was not tried within the last minute. False where it
 * does not. For a page that is not there without the part; one that was only asked for ahead is waited for.
 */
export async function loadAnew(): Promise<boolean> {
  if (Date.now() - lastLoad() < AGAIN_AFTER_MS || !(await answers())) return false
  sessionStorage.setItem(KEY, String(Date.now()))
  location.reload()
  return true
}

function lastLoad(): number {
  try {
    return Number(sessionStorage.getItem(KEY))
  } catch {
    // A browser that keeps nothing could load the page again and again.
    return Date.now()
  }
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch('/', { cache: 'no-store' })).ok
  } catch {
    return false
  }
}
