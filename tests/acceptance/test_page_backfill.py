"""How far back, how far it is, and how much of a workflow is copied: asked, shown and stopped on the page."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from tests.acceptance.grpc_proxy import GrpcProxy
from tests.acceptance.observed import new_id
from tests.acceptance.shown import Scheme, Shown, is_wider_than_the_screen, violations

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

SCREENS = [("light", 1280), ("dark", 390)]
LIST_SECONDS = 2.0
"""Long enough that a back-fill, which lists at least three times, can be seen; shorter than a list may take."""


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(shown: Shown) -> AsyncIterator[GrpcProxy]:
    async with GrpcProxy(shown.client.service_client.config.target_host) as opened:
        yield opened


async def make_project(page: Page, proxy: GrpcProxy, name: str) -> None:
    """A project of its own that looks at the shop's runs through the proxy, and whose page is open then."""
    await page.get_by_role("link", name="New project").click()
    form = page.get_by_role("form", name="New project")
    await form.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("Address").fill(proxy.address)
    await page.get_by_label("Namespace").fill("default")
    await form.get_by_role("button", name="Make the project").click()
    await expect(page.get_by_role("article", name="Connection to default")).to_contain_text("connected")
    await page.get_by_role("navigation", name="Project").get_by_role("link", name="Workflows").click()


async def assert_fits(page: Page) -> None:
    assert await violations(page) == []
    assert not await is_wider_than_the_screen(page)


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
async def test_a_new_connection_asks_how_far_back_with_the_cost_and_the_copying_can_be_watched_and_stopped(
    shown: Shown, proxy: GrpcProxy, scheme: Scheme, width: int
) -> None:
    async with shown.opened("/", scheme=scheme, width=width) as page:
        await make_project(page, proxy, new_id("older"))
        asked = page.get_by_role("region", name="Older runs of default")
        cost = re.compile(r"There are \d+ runs\. Copied: \d+ runs, .*events, .*KiB, .*calls, less than a minute\.")
        await expect(asked.get_by_role("status")).to_have_text(cost)
        await assert_fits(page)
        await asked.get_by_label("and copy").select_option(label="The list alone")
        await expect(asked.get_by_role("status")).to_contain_text(re.compile(r"\d+ lines in 1 call"))
        await asked.get_by_role("combobox", name="List").select_option(label="the last 24 hours")
        await expect(asked.get_by_role("status")).to_contain_text(re.compile(r"\d+ lines in 1 call"))
        proxy.delays["ListWorkflowExecutions"] = LIST_SECONDS
        await asked.get_by_role("button", name="Start copying").click()
        await expect(page.get_by_text("Copying older runs")).to_be_visible()
        await expect(page.get_by_role("progressbar", name="Older runs copied")).to_be_visible()
        await expect(asked).to_have_count(0)
        await assert_fits(page)
        await page.locator(".backfill").filter(has_text="Copying older runs").get_by_role("button", name="Stop").click()
        await expect(page.get_by_text("Copying older runs")).to_have_count(0)


async def test_nothing_older_is_an_answer_that_is_asked_for_once(shown: Shown, proxy: GrpcProxy) -> None:
    async with shown.opened("/") as page:
        await make_project(page, proxy, new_id("newer"))
        asked = page.get_by_role("region", name="Older runs of default")
        await asked.get_by_role("button", name="Nothing older").click()
        await expect(asked).to_have_count(0)
        await page.reload()
        await expect(page.get_by_role("navigation", name="Project")).to_be_visible()
        await expect(asked).to_have_count(0)


async def test_a_connection_that_is_refused_says_so_once_and_asks_nothing(shown: Shown, proxy: GrpcProxy) -> None:
    async with shown.opened("/", scheme="dark", width=390) as page:
        await make_project(page, proxy, new_id("revoked"))
        await expect(page.get_by_role("region", name="Older runs of default")).to_be_visible()
        proxy.api_keys = set()
        await expect(page.get_by_text("does not accept the credentials")).to_have_count(1, timeout=60_000)
        await expect(page.get_by_role("region", name="Older runs of default")).to_have_count(0)
        await assert_fits(page)


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
async def test_how_much_of_a_workflow_is_copied_is_chosen_on_its_page(shown: Shown, scheme: Scheme, width: int) -> None:
    async with shown.opened(f"/projects/{shown.project_id}", scheme=scheme, width=width) as page:
        await page.get_by_role("link", name="OrderFulfilment", exact=True).first.click()
        menu = page.get_by_label("Copied by itself")
        await expect(menu).to_have_value("")
        await menu.select_option(label="Failed runs")
        await expect(menu).to_have_value("failed")
        await page.reload()
        await expect(menu).to_have_value("failed")
        await assert_fits(page)
        await menu.select_option(label="As the connection: Everything")
        await expect(menu).to_have_value("")
        await page.reload()
        await expect(menu).to_have_value("")


async def test_the_rail_and_all_tabs_say_where_one_is(shown: Shown) -> None:
    async with shown.opened(f"/projects/{shown.project_id}/schedules") as page:
        rail = page.get_by_role("navigation", name="Main")
        await expect(rail.get_by_role("link", name="Schedules")).to_have_class(re.compile("rail-link"))
        await expect(rail.locator("[aria-current], .on")).to_have_count(1)
        await expect(rail.locator("[aria-current]")).to_have_accessible_name("Schedules")
    async with shown.opened(f"/projects/{shown.project_id}", width=390) as page:
        tabs = page.get_by_role("navigation", name="Project").get_by_role("link")
        await expect(tabs).to_have_count(9)
        for tab in await tabs.all():
            await tab.focus()
            await expect(tab).to_be_in_viewport()
