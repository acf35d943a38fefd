/**
 * The one Trusted Types policy of the page. Nothing here writes HTML: the kit's style sheet passes through `innerHTML`
 * of a `<style>`, so text without `<` is let through and markup is refused.
 */
type Policy = { createHTML(text: string): string; createScriptURL(url: string): string }
type Factory = { createPolicy(name: string, policy: Policy): unknown }

export const policy: Policy = {
  createHTML(text) {
    if (text.includes('<')) throw new TypeError('This page does not write HTML.')
    return text
  },
  createScriptURL(url) {
    const target = new URL(url, location.origin)
    if (target.origin !== location.origin || !target.pathname.startsWith('/assets/')) {
      throw new TypeError(`This page does not load scripts from ${target.origin}${target.pathname}.`)
    }
    return url
  },
}

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes
factory?.createPolicy('default', policy)
