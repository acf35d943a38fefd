"""Every page of Watchglass in a real browser, over hostile values: does any of them run, break or hide something?"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page
from playwright.async_api import Error as BrowserError

_WATCH = """
window.reports = [];
document.addEventListener('securitypolicyviolation', (report) =>
  window.reports.push([report.violatedDirective, report.blockedURI, report.sample].join(' ')));
"""
_FINDINGS = """() => {
  const found = [...window.reports]
  if (window.__x !== undefined) found.push('a script ran')
  if ({}.polluted !== undefined) found.push('the prototype is polluted')
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on')) found.push(`attribute ${name}`)
      if (['href', 'src', 'action', 'formaction', 'data', 'xlink:href', 'srcdoc'].includes(name)) {
        const target = value.startsWith('#') ? location : new URL(value, location.href)
        if (!['http:', 'https:', 'data:'].includes(target.protocol)) found.push(`${name}=${value}`)
        if (target.protocol === 'data:' && element.localName !== 'img') found.push(`${name}=${value}`)
      }
    }
  }
  if (document.querySelectorAll('iframe, object, embed, base, #root script').length) found.push('a foreign element')
  return found
}"""
_SETTLED = """() => document.querySelector('#main, main') && !document.querySelector('.skeleton')"""
_BROKEN = ("Something broke inside Watchglass", "Could not load", "did not answer")
_AT_ONCE = 3
_SETTLE_MS = 30_000


@dataclass
class Looked:
    pages: int = 0
    clicks: int = 0
    ran: list[str] = field(default_factory=list)
    """Scripts, dialogs, reports of the security policy, elements and addresses that no text may make."""
    broke: list[str] = field(default_factory=list)
    """Exceptions on the page, and pages that tell of an error."""
    characters: int = 0
    """Of text that was on the pages."""
    refused_requests: list[str] = field(default_factory=list)
    """Requests of a page to anywhere but the server it came from."""


async def look(browser: Browser, url: str, sign_in_url: str, paths: Iterable[str]) -> Looked:
    """Open each page, press what opens more of it, and say what came of it."""
    looked = Looked()
    context = await browser.new_context(viewport={"width": 1280, "height": 1600}, locale="en-US")
    await context.add_init_script(_WATCH)
    await (await context.new_page()).goto(sign_in_url)
    await context.pages[0].wait_for_function(_SETTLED)
    turns = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(path: str) -> None:
        async with turns:
            await _look_at(context, url.rstrip("/"), path, looked)

    async with asyncio.TaskGroup() as group:
        for path in dict.fromkeys(paths):
            group.create_task(in_turn(path))
    await context.close()
    return looked


async def _look_at(context: BrowserContext, origin: str, path: str, looked: Looked) -> None:
    page = await context.new_page()

    def ran(what: str) -> None:
        looked.ran.append(f"{path}: {what}")

    async def dismiss(dialog: Any) -> None:
        ran(f"a dialog opened: {dialog.message}")
        await dialog.dismiss()

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "TrustedHTML" in message.text:
            ran(message.text)

    page.on("dialog", dismiss)
    page.on("console", heard)
    page.on("pageerror", lambda error: looked.broke.append(f"{path}: {error}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((origin, "data:", "blob:"))
            else looked.refused_requests.append(f"{path}: {request.url}")
        ),
    )
    try:
        await page.goto(origin + path)
        await page.wait_for_function(_SETTLED, timeout=_SETTLE_MS)
        looked.clicks += await _open_all(page)
        text = await page.inner_text("body")
        looked.characters += len(text)
        looked.broke += [f"{path}: {words}" for words in _BROKEN if words in text]
        looked.ran += [f"{path}: {found}" for found in await page.evaluate(_FINDINGS)]
    except BrowserError as error:
        looked.broke.append(f"{path}: {error.message[:300]}")
    looked.pages += 1
    await page.close()


async def _open_all(page: Page) -> int:
    """Press what is there only to show more: closed details, and the first few rows of a raw history."""
    clicks = 0
    for toggle in await page.locator("details:not([open]) > summary, button[aria-expanded=false]").all():
        if clicks == 12:
            break
        # What an opened thing covers, or a new answer took away, is left: not every one need be pressed.
        with suppress(BrowserError):
            await toggle.click(timeout=3_000)
            clicks += 1
    return clicks
