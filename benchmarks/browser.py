"""A browser that was just started and knows nothing."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Playwright, async_playwright
from tests.browser import FLAGS, find_browser
from tests.node import node_home

_NO_OTHER_HOST = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@asynccontextmanager
async def open_playwright() -> AsyncIterator[Playwright]:
    # Playwright's own Node needs a library that a bare Debian does not have; the wheel's does not.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node_home() / "bin" / "node"))
    async with async_playwright() as playwright:
        yield playwright


async def start_browser(playwright: Playwright) -> Browser:
    program = find_browser(playwright)
    if program is None:
        raise RuntimeError("There is no browser; see 'Browser tests' in CONTRIBUTING.md.")
    return await playwright.chromium.launch(
        executable_path=program.path, args=[*FLAGS, _NO_OTHER_HOST], env={**os.environ, **program.env}
    )
