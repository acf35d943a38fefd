"""The page as somebody sees it: a real `up`, a real worker, a real browser that is signed in."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Cookie, Page, expect
from temporalio.client import Client, WorkflowFailureError
from tests.acceptance.running import Running, clean_environment
from tests.acceptance.shop import TASK_QUEUE, OrderFulfilment, shop_worker
from tests.servers import make_shared_directory

from watchglass.embedded.ports import free_port

WEB = Path(__file__).parents[2] / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
HOSTILE_ID = "<img src=x onerror=alert(1)>\u202egnp.exe-" + "x" * 900
BIG_NUMBER = 2**64
ORDER = {"order": "A-10482", "amount": BIG_NUMBER, "note": "<script>alert(1)</script>"}
_LISTEN = (
    "window.reports = []; document.addEventListener('securitypolicyviolation',"
    " report => window.reports.push(report.violatedDirective + ' ' + report.blockedURI))"
)

Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Shown:
    """A running Watchglass whose project *Local* has seen a failed order, twice; once under a hostile id."""

    browser: Browser
    client: Client
    url: str
    sign_in_url: str
    cookies: Sequence[Cookie]
    project_id: str
    connection_id: str
    data_dir: Path

    def path_of(self, workflow_id: str) -> str:
        """Where the page finds a run by Temporal's own id."""
        return f"/t/{self.connection_id}/{quote(workflow_id, safe='')}"

    @asynccontextmanager
    async def opened(
        self, path: str, *, width: int = 1280, scheme: Scheme = "light", signed_in: bool = True
    ) -> AsyncIterator[Page]:
        """A page at `path`; at its end nothing may have broken the security policy, nor thrown."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 860}, color_scheme=scheme, locale="en-US", timezone_id="Europe/Berlin"
        )
        if signed_in:
            await context.add_cookies([{**cookie} for cookie in self.cookies])  # type: ignore[typeddict-item]
        await context.add_init_script(_LISTEN)
        page = await context.new_page()
        thrown: list[str] = []
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.on("dialog", lambda dialog: thrown.append(f"a dialog opened: {dialog.message}"))
        await page.goto(self.url.rstrip("/") + path)
        yield page
        assert await page.evaluate("window.reports") == []
        assert thrown == []
        await context.close()


async def called(shown: Shown, procedure: str, given: dict[str, Any], *, is_query: bool = False) -> dict[str, Any]:
    """What the page's own person gets from the API."""
    cookies = {cookie["name"]: cookie["value"] for cookie in shown.cookies}
    headers = {"Origin": shown.url.rstrip("/")}
    async with httpx.AsyncClient(base_url=shown.url, cookies=cookies, headers=headers, timeout=30) as http:
        if is_query:
            answer = await http.get(f"trpc/{procedure}", params={"input": json.dumps(given)})
        else:
            answer = await http.post(f"trpc/{procedure}", json=given)
    assert answer.status_code == httpx.codes.OK, answer.text
    result: dict[str, Any] = answer.json()["result"]["data"]
    return result


async def violations(page: Page) -> list[Any]:
    """What axe-core finds wrong. It comes through the debugger: the page's own policy would not let it in.

    What fades in has its own colours only when it is there: that is waited for, but not for what moves for ever.
    """
    await page.evaluate("""async () => {
        const ends = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity)
        await Promise.allSettled(ends.map((one) => one.finished))
    }""")
    session = await page.context.new_cdp_session(page)
    await session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8") + ";0"})
    rules = json.dumps(RULES)
    asked = f"axe.run(document, {{runOnly: {rules}}}).then(found => JSON.stringify(found.violations.map("
    asked += "each => [each.id, each.nodes.map(node => node.html)])))"
    answer = await session.send("Runtime.evaluate", {"expression": asked, "awaitPromise": True, "returnByValue": True})
    return list(json.loads(answer["result"]["value"]))


async def is_wider_than_the_screen(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shown(browser: Browser) -> AsyncIterator[Shown]:
    """Started once for all tests of the page."""
    directory = make_shared_directory()
    arguments = ("--data-dir", str(directory), "--port", str(free_port()), "--no-demo")
    with Running(*arguments, env=clean_environment()) as running:
        ready = await asyncio.to_thread(running.wait_for, "ready")
        async with shop_worker(ready["temporal_address"]) as client:
            await asyncio.gather(
                *(_fail_an_order(client, workflow_id) for workflow_id in ("order-A-10482", HOSTILE_ID))
            )
            cookies = await _sign_in(browser, ready["sign_in_url"])
            project = await _local_project(ready)
            yield Shown(
                browser,
                client,
                ready["url"],
                ready["sign_in_url"],
                cookies,
                project["id"],
                project["connection"]["id"],
                directory,
            )
    shutil.rmtree(directory)


async def _fail_an_order(client: Client, workflow_id: str) -> None:
    with pytest.raises(WorkflowFailureError):
        await client.execute_workflow(OrderFulfilment.run, ORDER, id=workflow_id, task_queue=TASK_QUEUE)


async def _sign_in(browser: Browser, link: str) -> list[Cookie]:
    context = await browser.new_context(locale="en-US")
    page = await context.new_page()
    await page.goto(link)
    await expect(page.get_by_role("link", name="Local")).to_be_visible()
    assert "#" not in page.url
    cookies = await context.cookies()
    await context.close()
    return cookies


async def _local_project(ready: dict[str, Any]) -> dict[str, Any]:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {ready['token']}"}) as http:
        answer = await http.get(f"{ready['url']}trpc/project.list")
    projects: list[dict[str, Any]] = answer.raise_for_status().json()["result"]["data"]["items"]
    return next(project for project in projects if project["name"] == "Local")
