"""*Push*: from an event in Temporal to the step that stands on the open page of its run.

A browser has the page of an open run in sight while signals reach the run, at moments that have nothing to do with
those at which the page asks. The event's moment is the server's, the step's that at which the page drew it; both
clocks are this machine's.
"""

import asyncio
import random
from collections.abc import Mapping
from uuid import uuid4

from playwright.async_api import Page
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from benchmarks.browser import open_playwright, start_browser
from benchmarks.figure import Figure
from benchmarks.load import OpenLines, make_open_run
from benchmarks.process import cpu_seconds, percentile
from benchmarks.served import Served

_SIGNALS = 60
_PAUSE_SECONDS = (0.4, 2.6)
_SETTLE_SECONDS = 5.0
"""Between opening the page and the first signal: somebody who watches, not somebody who arrives."""
_PATIENCE_MS = 30_000
_ROW_PIXELS = 60
_WATCH = """
    window.drawn = {}
    const note = () => {
        const now = Date.now()
        for (const step of document.querySelectorAll('.step [data-event]')) window.drawn[step.dataset.event] ??= now
    }
    document.addEventListener('DOMContentLoaded', () => {
        new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true })
    })
"""


async def measure_watched_latency(served: Served, _scale: float) -> list[Figure]:
    handle = await make_open_run(await served.place.client(), activities=3, workflow_id=f"watched-{uuid4()}")
    execution_id = await served.wait_for_copy(handle.id)
    async with open_playwright() as playwright:
        browser = await start_browser(playwright)
        context = await browser.new_context(viewport={"width": 1280, "height": 1000 + _SIGNALS * _ROW_PIXELS})
        await context.add_cookies([{"name": n, "value": v, "url": served.url} for n, v in served.cookies.items()])
        await context.add_init_script(_WATCH)
        page = await context.new_page()
        await page.goto(f"{served.url}executions/{execution_id}")
        await page.locator(".step [data-event]").first.wait_for()
        await asyncio.sleep(_SETTLE_SECONDS)
        before = cpu_seconds(served.page_pid)
        took = await _signalled(handle)
        drawn = await _drawn(page)
        cpu = cpu_seconds(served.page_pid) - before
        await browser.close()
    times = [drawn[event_id] - at for event_id, at in (await _events(handle)).items()]
    await handle.terminate()
    note = f"{len(times)} signals to an open run, one browser with its page open"
    return [
        Figure("push", "event in Temporal → step on the page, p95", percentile(times, 0.95), "s", most=1, note=note),
        Figure("push", "the same, median", percentile(times, 0.5), "s"),
        Figure("push", "the same, longest", max(times), "s"),
        Figure("push", "CPU of the server's process while it is watched", cpu / took * 100, "%", note="of one core"),
    ]


async def _signalled(handle: WorkflowHandle[OpenLines, None]) -> float:
    """Send the signals one by one; return how many seconds that took."""
    began = asyncio.get_running_loop().time()
    for _ in range(_SIGNALS):
        await handle.signal("note")
        await asyncio.sleep(random.uniform(*_PAUSE_SECONDS))
    return asyncio.get_running_loop().time() - began


async def _drawn(page: Page) -> Mapping[int, float]:
    """When each step was first drawn, by event id, in seconds since 1970, once all of them are."""
    await page.wait_for_function(f"Object.keys(window.drawn).length >= {_SIGNALS} + 3", timeout=_PATIENCE_MS)
    return {int(event_id): at / 1000 for event_id, at in (await page.evaluate("window.drawn")).items()}


async def _events(handle: WorkflowHandle[OpenLines, None]) -> Mapping[int, float]:
    """When each signal came, by event id, in seconds since 1970."""
    return {
        event.event_id: event.event_time.ToNanoseconds() / 1e9
        async for event in handle.fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    }
