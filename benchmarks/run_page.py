"""*Run page*: from nothing in the browser to a step that answers a click, beside the Temporal UI for the same run.

Each visit is made by a browser that was just started and knows nothing. Usable means that the list of steps (there: of
events) is painted, that one of them is clicked and that it opens. Bytes are what came over the wire until then; what
comes until the page asks for nothing more is shown beside it.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from playwright.async_api import Page, Playwright

from benchmarks.browser import open_playwright, start_browser
from benchmarks.figure import Figure
from benchmarks.load import newest_run
from benchmarks.place import NAMESPACE
from benchmarks.process import median_ratio
from benchmarks.served import Served
from benchmarks.sync_cost import long_runs, make

_VISITS = 4
_QUIET_SECONDS = 1.5
_PATIENCE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    step: str
    """Selects the rows of the list."""
    opened: str
    """Selects what is there when a row was clicked, and not before."""
    cookies: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    seconds: float
    """Until usable."""
    usable_kb: float
    """Came over the wire until then."""
    quiet_kb: float
    """Came until the page asked for nothing more."""


class Traffic:
    """What came over the wire, as the browser itself counts it."""

    def __init__(self) -> None:
        self.bytes = 0.0
        self.finished_at = 0.0
        self._open: set[str] = set()

    async def follow(self, page: Page) -> None:
        session = await page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", lambda event: self._open.add(event["requestId"]))
        session.on("Network.loadingFinished", self._finish)
        session.on("Network.loadingFailed", self._finish)
        await session.send("Network.enable")

    def _finish(self, event: dict[str, Any]) -> None:
        self.bytes += event.get("encodedDataLength", 0)
        self.finished_at = time.monotonic()
        self._open.discard(event["requestId"])

    async def until_quiet(self) -> None:
        """Wait until nothing has been asked for during a while."""
        while self._open or time.monotonic() - self.finished_at < _QUIET_SECONDS:
            await asyncio.sleep(0.1)


async def measure_run_page(served: Served, scale: float) -> list[Figure]:
    shape = long_runs(scale)
    await make(served.place, shape)
    sites = await _sites(served, f"{shape.prefix}-{shape.runs}-0")
    async with open_playwright() as playwright:
        for site in sites:
            await _visit(playwright, site)  # So that both servers have answered once.
        pairs = [(await _visit(playwright, sites[0]), await _visit(playwright, sites[1])) for _ in range(_VISITS)]
    ours, theirs = zip(*pairs, strict=True)
    return [
        _figure("time until usable", [v.seconds for v in ours], [v.seconds for v in theirs], "s", most=0.3),
        _figure("bytes until usable", [v.usable_kb for v in ours], [v.usable_kb for v in theirs], "kB", most=0.2),
        _figure("bytes until quiet", [v.quiet_kb for v in ours], [v.quiet_kb for v in theirs], "kB"),
    ]


def _figure(
    what: str, ours: Sequence[float], theirs: Sequence[float], unit: str, *, most: float | None = None
) -> Figure:
    note = f"2,000 activities; medians {_median(ours)} ÷ {_median(theirs)} {unit}"
    return Figure("run page", f"{what} ÷ Temporal UI", median_ratio(ours, theirs), most=most, note=note)


def _median(values: Sequence[float]) -> str:
    middle = statistics.median(values)
    return f"{middle:,.0f}" if middle >= 100 else f"{middle:.2f}"


async def _sites(served: Served, workflow_id: str) -> tuple[Site, Site]:
    """Watchglass, then the Temporal UI."""
    execution_id = await served.wait_for_copy(workflow_id)
    run_id = await newest_run(await served.place.client(), workflow_id)
    ours = Site(
        url=f"{served.url}executions/{execution_id}",
        step=".step .step-name",
        opened='[aria-label="Close the step"]',
        cookies=[{"name": name, "value": value, "url": served.url} for name, value in served.cookies.items()],
    )
    path = f"namespaces/{NAMESPACE}/workflows/{quote(workflow_id, safe='')}/{run_id}/history"
    row = '[data-testid="event-summary-row"]'
    theirs = Site(url=f"{served.place.temporal.page_address}/{path}", step=row, opened=f'{row} [aria-expanded="true"]')
    return ours, theirs


async def _visit(playwright: Playwright, site: Site) -> Visit:
    browser = await start_browser(playwright)
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    await context.add_cookies(list(site.cookies))
    page = await context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    traffic = Traffic()
    await traffic.follow(page)
    began = time.perf_counter()
    await page.goto(site.url, wait_until="commit")
    await page.locator(site.step).nth(3).click()
    await page.locator(site.opened).first.wait_for()
    seconds, usable = time.perf_counter() - began, traffic.bytes
    await traffic.until_quiet()
    await browser.close()
    return Visit(seconds, usable / 1000, traffic.bytes / 1000)
