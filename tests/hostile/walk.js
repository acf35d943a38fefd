// In every page that hostile values are looked at in: notes what must not happen, and walks from address to address as a
// link on the page does, which takes a tenth of the time of loading the page anew. `WANTED` is put in by `looking.py`.
(() => {
  const reports = []
  const unseen = new Map(WANTED)
  let asked = 0
  let changed = performance.now()
  document.addEventListener('securitypolicyviolation', (report) =>
    reports.push(['a report', report.violatedDirective, report.blockedURI, report.sample].join(' ')))
  const fetched = window.fetch
  window.fetch = (...given) => {
    asked += 1
    return fetched(...given).finally(() => { asked -= 1 })
  }
  new MutationObserver(() => { changed = performance.now() })
    .observe(document, { subtree: true, childList: true, characterData: true, attributes: true })

  const pause = (ms) => new Promise((done) => setTimeout(done, ms))

  function isThere() {
    const router = window.__TSR_ROUTER__
    return router !== undefined && router.state.status === 'idle' && router.state.resolvedLocation?.href === router.state.location.href
      && document.querySelector('main') !== null && document.querySelector('.skeleton') === null
  }

  /** True when everything that was asked for is drawn; false when it is not within the time that even a busy machine needs. */
  async function settle() {
    const until = performance.now() + PATIENCE
    while (performance.now() < until) {
      if (asked === 0 && isThere() && performance.now() - changed > 40) return true
      await pause(15)
    }
    return false
  }

  const OPENS = /^(More |Earlier$|Load (the|all) |Show why|Show stack)/
  // The same button for every further page of a list.
  const FURTHER = /^(More |Earlier$)/

  /** Press whatever only shows more, and what that shows, and so on. */
  async function openAll(pressed, most) {
    for (let round = 0; round < 30 && pressed.size < most; round++) {
      const found = [...document.querySelectorAll('main details:not([open]) > summary, main button')].filter((element) =>
        !pressed.has(element) && !element.disabled && element.offsetParent !== null
        && (element.localName === 'summary' || element.ariaExpanded === 'false' || OPENS.test(element.textContent)))
      if (found.length === 0) return
      for (const element of found.slice(0, most - pressed.size)) {
        if (element.localName === 'summary' || !FURTHER.test(element.textContent)) pressed.add(element)
        element.click()
      }
      await settle()
    }
  }

  const ADDRESSES = new Set(['href', 'src', 'action', 'formaction', 'data', 'xlink:href', 'srcdoc'])

  function findings() {
    const found = reports.splice(0)
    if (window.__x !== undefined) found.push('a script ran')
    if ({}.polluted !== undefined) found.push('the prototype is polluted')
    for (const element of document.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        if (name.startsWith('on')) found.push(`attribute ${name}`)
        if (!ADDRESSES.has(name)) continue
        const target = value.startsWith('#') ? location : new URL(value, location.href)
        if (!['http:', 'https:', 'data:'].includes(target.protocol)) found.push(`${name}=${value}`)
        if (target.protocol === 'data:' && element.localName !== 'img') found.push(`${name}=${value}`)
      }
    }
    if (document.querySelectorAll('iframe, object, embed, base, #root script').length) found.push('a foreign element')
    return found
  }

  function look(told) {
    const text = document.body.textContent
    told.found.push(...findings())
    told.characters = Math.max(told.characters, text.length)
    told.broke.push(...BROKEN.filter((words) => text.includes(words)).map((words) => text.slice(text.indexOf(words)).slice(0, 200)))
    for (const [name, shown] of unseen) {
      if (!text.includes(shown)) continue
      told.seen.push(name)
      unseen.delete(name)
    }
  }

  /** What came of a page: opened as far as it opens, and scrolled to its end. */
  async function visit(path, most) {
    const told = { path, settled: true, characters: 0, clicks: 0, found: [], broke: [], seen: [] }
    if (path !== null) {
      scrollTo(0, 0)
      window.__TSR_ROUTER__.history.push(path)
    }
    told.settled = await settle()
    const pressed = new Set()
    for (let top = 0; ; top += innerHeight * 0.9) {
      await openAll(pressed, most)
      look(told)
      if (top + innerHeight >= document.documentElement.scrollHeight) break
      scrollTo(0, top + innerHeight * 0.9)
      await pause(30)
      await settle()
    }
    told.clicks = pressed.size
    return told
  }

  const gone = new Set()

  /** Kinds of addresses: those that the page knows. Which of them are gone to is noted from here on, also where one leads on at once. */
  window.startWalk = () => {
    const router = window.__TSR_ROUTER__
    const note = (location) => {
      for (const match of router.matchRoutes(location)) gone.add(match.routeId)
    }
    note(router.state.location)
    router.subscribe('onBeforeLoad', ({ toLocation }) => note(toLocation))
    return Object.keys(router.routesById)
  }

  window.walk = async (paths, most) => {
    const told = []
    for (const path of paths) told.push(await visit(path, most))
    return { told, routes: [...gone] }
  }
})()
