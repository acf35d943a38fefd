"""The whole way of somebody who knows no Temporal: a workflow from nothing, run, its workers killed, its end read.

All of it is done with the mouse and the keyboard, on the page.
"""

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect
from tests.acceptance.gateway import FAILURES
from tests.acceptance.observed import new_id
from tests.acceptance.running import Running, clean_environment
from tests.acceptance.shown import Shown
from tests.acceptance.test_page_builder import is_saved, node
from tests.acceptance.test_page_run_graph import ended, inspector, is_shown_as, select
from tests.servers import SOURCES

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

ORDERS = ("A-1", "A-2", "A-3", "A-4", "A-5", "A-6")
SLOW = 60_000
"""Milliseconds: for what Temporal and workers do."""


@contextmanager
def gateway_worker(data_dir: Path) -> Iterator[Running]:
    """The project's worker with a module of one's own, as the documents say to start it."""
    root = str(Path(SOURCES).parent)
    env = clean_environment() | {"PYTHONPATH": os.pathsep.join((SOURCES, root))}
    with Running("--app", "tests.acceptance.gateway", "--data-dir", str(data_dir), env=env, command="worker") as worker:
        worker.wait_for("runs_workflows")
        yield worker


def kill_workers(data_dir: Path) -> int:
    """SIGKILL for every process that runs built workflows or their steps: ours, and the one that `up` keeps."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=1) for line in listed.splitlines()]
    workers = [
        int(pid)
        for pid, command in rows
        if f"--data-dir {data_dir}" in command and " worker " in command and re.search("--(app|project) ", command)
    ]
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    return len(workers)


class Hand:
    """What a person does on the builder's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.panel = page.get_by_role("complementary", name="Properties")

    async def choose(self, node_id: str) -> None:
        await self.page.get_by_label("Show all of it").click()
        await node(self.page, node_id).locator(".node-head").first.click()
        await expect(self.panel.get_by_role("tab", name="Notes")).to_be_visible()

    async def add(self, what: str, *, after: str, called: str) -> None:
        await self.choose(after)
        search = self.page.get_by_label("Find a component")
        await search.fill(what)
        await search.press("Enter")
        await self.call_it(called)

    async def call_it(self, name: str) -> None:
        await self.panel.get_by_role("tab", name="Notes").click()
        await self.panel.get_by_label("Name", exact=True).fill(name)
        await self.panel.get_by_role("tab", name="Inputs").click()

    async def write(self, field: str, expression: str) -> None:
        """Into an editor of expressions."""
        editor = self.panel.get_by_role("textbox", name=field)
        await editor.click()
        await self.page.keyboard.press("Control+a")
        await self.page.keyboard.type(expression)
        await self.page.keyboard.press("Escape")

    async def write_result(self, end: str, expression: str) -> None:
        await self.choose(end)
        await self.panel.get_by_label("Result: expression").click()
        await self.write("Result, expression", expression)

    async def ask_for(self, field: str, kind: str) -> None:
        """A field of the workflow's input."""
        await self.page.get_by_role("button", name="Add a field").click()
        name = self.page.get_by_label(re.compile(r"Name of the field field\d"))
        await name.fill(field)
        await name.press("Enter")
        await self.page.get_by_label(f"Kind of {field}").select_option(kind)

    async def drag_from_catalogue(self, what: str, *, below: str) -> None:
        await self.page.get_by_label("Find a component").fill("")
        piece = self.page.get_by_role("navigation", name="Components").get_by_role("button", name=what, exact=True)
        canvas = await _box(self.page.locator(".react-flow__pane"))
        place = await _box(node(self.page, below))
        at = {"x": place["x"] - canvas["x"] + place["width"] / 2, "y": place["y"] - canvas["y"] + place["height"] + 60}
        await piece.drag_to(self.page.locator(".react-flow__pane"), target_position=at)  # type: ignore[arg-type]

    async def draw_line(self, source: str, port: str, target: str) -> None:
        out = node(self.page, source).locator(f'.react-flow__handle-right[data-handleid="{port}"]')
        await out.drag_to(node(self.page, target).locator(".react-flow__handle-left").first, force=True)


async def _box(locator: Locator) -> dict[str, float]:
    box = await locator.bounding_box()
    assert box is not None
    return dict(box)  # type: ignore[arg-type]


async def build(hand: Hand, name: str) -> None:
    page, panel = hand.page, hand.panel
    await page.get_by_role("button", name="New workflow").click()
    await page.get_by_label("Name").fill(name)
    await page.get_by_role("button", name="Draw it").click()
    await hand.ask_for("orders", "list of texts")
    await hand.ask_for("amount", "number")

    await hand.add("for each", after="start", called="Every order")
    await hand.write("Items", "input.orders")
    await panel.get_by_label("How many at once").fill("2")

    await hand.add("charge the card", after="for-each", called="")
    await panel.get_by_label("Order: expression").click()
    await hand.write("Order, expression", "item")
    await panel.get_by_role("tab", name="Retries and time").click()
    await panel.get_by_label("Exponential backoff").check()
    await panel.get_by_label("One attempt may take").fill("5 s")

    await hand.add("branch", after="for-each", called="Small?")
    await panel.get_by_label("Name of the case yes").fill("small")
    await panel.get_by_label("Name of the case yes").press("Enter")
    await hand.write("When “small”", "input.amount < 100")

    await hand.add("approval", after="branch", called="Ask a person")
    await panel.get_by_role("textbox", name=re.compile("^Question")).fill("Is so much money fine?")

    await hand.add("random failure", after="approval", called="Tell the bank")
    await panel.get_by_role("spinbutton", name="Probability").fill("1")
    await panel.get_by_role("tab", name="Retries and time").click()
    await panel.get_by_label("Fail after a number of attempts").check()
    await panel.get_by_label("Attempts", exact=True).fill("2")
    await expect(panel.locator(".explained")).to_contain_text("2 attempts")

    await hand.drag_from_catalogue("End", below="approval")
    await hand.call_it("Without the bank")
    await hand.draw_line("random-failure", "error", "end-2")
    await hand.draw_line("random-failure", "next", "end")
    await hand.draw_line("approval", "rejected", "end-2")
    await hand.write_result("end-2", "nodes.for_each.map(each, each.receipt)")
    await is_saved(page)
    await expect(page.get_by_text("no problems")).to_be_visible()


async def save_and_run(page: Page) -> None:
    await page.get_by_role("button", name="Save version").click()
    await page.get_by_label("What is new in it").fill("charges, asks, tells the bank")
    await page.get_by_role("dialog").get_by_role("button", name="Save version").click()
    await expect(page.locator("#title-state")).to_have_text("v1")
    await page.get_by_role("button", name="Run…").click()
    dialog = page.get_by_role("dialog")
    for at, order in enumerate(ORDERS, start=1):
        await dialog.get_by_role("button", name="Add to Orders").click()
        await expect(dialog.get_by_role("textbox", name=f"Orders {at} required")).to_be_focused()
        await page.keyboard.type(order)
    await dialog.get_by_role("spinbutton", name="Amount").fill("250")
    await dialog.get_by_role("button", name="Run", exact=True).click()
    await expect(page).to_have_url(re.compile("/executions/"))


def rows(page: Page, step: str) -> Locator:
    return page.get_by_role("table", name="Steps").get_by_role("row").filter(has_text=step)


async def approve(page: Page) -> None:
    waiting = page.get_by_test_id("waiting")
    await expect(waiting).to_contain_text("Is so much money fine?", timeout=SLOW)
    await waiting.get_by_role("button", name="Decide…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def read_list(page: Page, step: str, verdict: str, *said: str) -> None:
    """The verdict of a step in the list, and why beside it when the step is chosen."""
    row = rows(page, step).first
    await expect(row.locator(".cell-retries")).to_have_text(verdict)
    await row.get_by_role("link").click()
    await expect(inspector(page).get_by_role("heading", name=step)).to_be_visible()
    for text in said:
        await expect(inspector(page)).to_contain_text(text)


async def read_graph(page: Page) -> None:
    """The same on the drawing that was drawn at first."""
    await page.get_by_role("link", name="Graph", exact=True).click()
    await is_shown_as(page, "for-each", "completed, 6 done of 6")
    await is_shown_as(page, "random-failure", "failed, 2 attempts")
    await expect(node(page, "branch").locator("li.ended")).to_contain_text("otherwise")
    await expect(node(page, "approval").locator("li.ended")).to_contain_text("approved")
    await expect(node(page, "random-failure").locator(".node-judged")).to_be_visible()
    await expect(node(page, "charge-the-card").locator(".node-judged")).to_have_count(0)
    await expect(node(page, "end").locator(".node")).to_have_class(re.compile("passed"))
    await select(page, "random-failure")
    await expect(inspector(page)).to_contain_text("Why unexpected?")
    await select(page, "charge-the-card")
    await expect(inspector(page)).to_contain_text("Why expected?")
    await inspector(page).get_by_text("another item").click()
    items = inspector(page).get_by_role("list", name="The items").get_by_role("button")
    await expect(items).to_have_count(len(ORDERS))
    await items.first.click()
    await expect(inspector(page)).to_contain_text("Item 1")
    await expect(inspector(page)).to_contain_text("Why expected?")


async def test_somebody_builds_runs_and_understands_a_workflow(shown: Shown) -> None:
    async with shown.opened(f"/projects/{shown.project_id}") as page:
        charged = rows(page, "Charge the card").filter(has=page.get_by_text("completed", exact=True))
        with gateway_worker(shown.data_dir):
            await build(Hand(page), new_id("story"))
            await save_and_run(page)
            await expect(charged.first).to_be_visible(timeout=SLOW)
            # `up` starts its own anew; the one that serves the components stays away until somebody starts another.
            assert await asyncio.to_thread(kill_workers, shown.data_dir) >= 2
            assert await charged.count() < len(ORDERS)
        with gateway_worker(shown.data_dir):
            await expect(charged).to_have_count(len(ORDERS), timeout=SLOW)
            await approve(page)
            await ended(page, "completed")
        await read_list(page, "Charge the card", f"{FAILURES} expected", "Why expected?", "GatewayBusy")
        await read_list(page, "Tell the bank", "1 unexpected", "Why unexpected?", "RandomFailure")
        await read_graph(page)
        await page.get_by_role("link", name="Input and result").click()
        await expect(page.get_by_role("region", name="result")).to_contain_text(f"receipt of {ORDERS[-1]}")
