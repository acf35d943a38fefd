"""Takes the pictures of the documentation from a running installation with its demo.

    python -m tests.pictures DATA_DIR [--to docs/pictures]

It builds the workflow of docs/build-your-first-workflow.md in the project *Local* as that page tells people to, so it
wants an installation in which nobody has done that yet.
"""

import argparse
import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, async_playwright, expect
from tests.browser import FLAGS, find_browser
from tests.node import node_home

WIDTH, HEIGHT = 1280, 760
MOST_BYTES = 150_000


class Pictures:
    """One signed-in page, and where its pictures go."""

    def __init__(self, page: Page, url: str, folder: Path) -> None:
        self.page = page
        self.url = url
        self.folder = folder

    async def take(self, name: str, of: Locator | None = None) -> None:
        await self.page.wait_for_timeout(600)  # Things come to rest.
        path = self.folder / f"{name}.png"
        await (of.screenshot(path=path) if of is not None else self.page.screenshot(path=path))
        size = path.stat().st_size
        print(f"{path}: {size:,} bytes")
        if size > MOST_BYTES:
            raise SystemExit(f"{path} has {size:,} bytes; pictures have at most {MOST_BYTES:,}.")

    async def project(self, name: str) -> None:
        await self.page.goto(self.url)
        await self.page.get_by_role("link", name=name, exact=True).first.click()
        await expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)

    async def workflow(self, name: str, tab: str = "Builder") -> None:
        await self.project("Demo")
        await self.page.get_by_role("link", name=name, exact=True).first.click()
        await self.page.get_by_role("link", name=tab).click()

    def node(self, node_id: str) -> Locator:
        return self.page.locator(f'.react-flow__node[data-id="{node_id}"]')

    async def add(self, component: str, *, after: str) -> None:
        await self.node(after).click()
        search = self.page.get_by_label("Find a component")
        await search.fill(component)
        await search.press("Enter")

    async def saved(self) -> None:
        await expect(self.page.locator(".saving-note")).to_have_text("saved")


async def first_workflow(shot: Pictures) -> None:
    page = shot.page
    await shot.project("Local")
    await page.get_by_role("button", name="New workflow").click()
    await page.get_by_label("Name").fill("First workflow")
    await page.get_by_role("button", name="Draw it").click()
    await page.get_by_role("button", name="Add a field").click()
    await page.get_by_label("Name of the field field1").fill("amount")
    await page.get_by_label("Name of the field field1").press("Enter")
    await page.get_by_label("Kind of amount").select_option("whole number")
    await shot.saved()
    await shot.take("first-blank")
    await shot.add("set data", after="start")
    await page.get_by_role("button", name="Add a value").click()
    await page.get_by_label("Name of value1").fill("double")
    await page.get_by_label("Name of value1").press("Enter")
    await page.get_by_label("double, expression").click()
    await page.keyboard.insert_text("input.amount * 2")
    await expect(shot.node("set")).to_contain_text("double")
    await shot.saved()
    await shot.take("first-set")
    await shot.add("random failure", after="set")
    await page.get_by_role("tab", name="Retries and time").click()
    await page.get_by_label("Keep trying until success").check()
    await shot.saved()
    await shot.take("first-retries")
    await shot.node("end").click()
    await page.get_by_label("Result: expression").click()
    await page.get_by_label("Result, expression").click()
    await page.keyboard.insert_text("nodes.set.double")
    await shot.saved()
    await page.get_by_role("button", name="Save version").click()
    await page.get_by_label("What is new in it").fill("Doubles what it is given")
    await page.get_by_role("dialog").get_by_role("button", name="Save version").click()
    await expect(page.locator("#title-state")).to_have_text("v1")
    await page.get_by_role("button", name="Run…").click()
    await page.get_by_role("spinbutton", name="Amount").fill("21")
    await shot.take("first-run-form", page.get_by_role("dialog"))
    await page.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
    await expect(page).to_have_url(re.compile("/executions/"))
    await expect(page.locator("main")).to_contain_text("random_failure", timeout=60_000)
    await expect(page.locator(".title")).to_contain_text("completed", timeout=120_000)
    await shot.take("first-run")


async def retries(shot: Pictures) -> None:
    """The panel of one node for each strategy."""
    page = shot.page
    for strategy, name, node in (
        ("keep-trying", "Stock of a marketplace", "push"),
        ("fail-after", "Print a label", "print"),
        ("exponential-backoff", "Collect a payment", "charge"),
        ("no-retries", "Newsletter", "send"),
    ):
        await shot.workflow(name)
        await expect(shot.node(node)).to_be_visible()
        await page.goto(re.sub(r"(\?.*)?$", f"?node={node}", page.url, count=1))
        await page.get_by_role("tab", name="Retries and time").click()
        await expect(page.locator(".explained")).to_be_visible()
        await shot.take(f"retries-{strategy}", page.locator(".explained"))


async def demo(shot: Pictures) -> None:
    await shot.workflow("Wholesale order")
    await shot.page.goto(re.sub(r"(\?.*)?$", "?node=reserve", shot.page.url, count=1))
    await expect(shot.node("reserve-line")).to_be_visible()
    await shot.take("wholesale-order")
    await shot.workflow("Wholesale order", "Execution history")
    await shot.page.get_by_role("link", name="wholesale-W-2001", exact=True).first.click()
    await expect(shot.page.locator(".title")).to_contain_text("completed", timeout=120_000)
    await shot.take("run-loop")
    await shot.project("Demo")
    await shot.page.get_by_role("link", name="Components").first.click()
    await expect(shot.page.get_by_role("region", name="Catalogue")).to_contain_text("HTTP request")
    await shot.take("components")


PARTS = {"first": first_workflow, "retries": retries, "demo": demo}


def sign_in_link(data_dir: Path) -> str:
    printed = subprocess.run(
        [sys.executable, "-m", "watchglass", "sign-in-link", "--data-dir", str(data_dir)],
        capture_output=True,
        text=True,
        check=True,
    )
    return printed.stdout.split()[-1]


@asynccontextmanager
async def opened(link: str, folder: Path) -> AsyncIterator[Pictures]:
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node_home() / "bin" / "node"))
    async with async_playwright() as playwright:
        program = find_browser(playwright)
        if program is None:
            raise SystemExit("No browser is found; see 'Browser tests' in CONTRIBUTING.md.")
        browser = await playwright.chromium.launch(
            executable_path=program.path, args=list(FLAGS), env={**os.environ, **program.env}
        )
        context = await browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", reduced_motion="reduce", locale="en-US"
        )
        page = await context.new_page()
        await page.goto(link)
        await expect(page.get_by_role("link", name="Local", exact=True).first).to_be_visible()
        yield Pictures(page, link.partition("#")[0], folder)
        await browser.close()


async def take(link: str, folder: Path, parts: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    async with opened(link, folder) as shot:
        for part in parts or PARTS:
            await PARTS[part](shot)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--to", type=Path, default=Path("docs/pictures"))
    parser.add_argument("--only", action="append", choices=[*PARTS], default=[])
    given = parser.parse_args()
    asyncio.run(take(sign_in_link(given.data_dir), given.to, given.only))
