/** The nonce that the server wrote into this response; the page's own style elements carry it. */
export const nonce: string = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
