"""Runs that carry each other on, versions of workers, and runs of other namespaces, as the page shows them."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import expect
from tests.acceptance.observed import Chain, greet, new_id, observed_worker
from tests.acceptance.shown import Scheme, Shown, is_wider_than_the_screen, violations

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

SCREENS = [("light", 1280), ("dark", 390)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chain_id(shown: Shown) -> str:
    """The workflow id of a chain of four runs that has ended."""
    address = shown.client.service_client.config.target_host
    async with observed_worker(address, workflows=[Chain], activities=[greet]) as (client, queue):
        handle = await client.start_workflow(Chain.run, 3, id=new_id("daily"), task_queue=queue)
        await handle.result()
    return handle.id


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
async def test_a_run_says_which_one_of_its_chain_it_is_and_leads_through_it(
    shown: Shown, chain_id: str, scheme: Scheme, width: int
) -> None:
    async with shown.opened(shown.path_of(chain_id), scheme=scheme, width=width) as page:
        strip = page.get_by_role("navigation", name="Chain of runs")
        await expect(strip).to_contain_text("Run 4 of 4", timeout=30_000)
        await expect(strip.get_by_role("link", name="Next run")).to_have_count(0)
        await strip.get_by_role("link", name="Run before").click()
        await expect(strip).to_contain_text("Run 3 of 4")
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)

        await strip.get_by_role("link", name="The whole chain").click()
        await expect(page.get_by_text("after the first, 3 carried on where the one before ended")).to_be_visible()
        rows = page.get_by_role("table", name="Runs of the chain").get_by_role("row")
        story = rows.filter(has_text=re.compile("carries on|the beginning"))
        await expect(story).to_have_count(4)
        await expect(story.nth(0)).to_contain_text("carries on from run 3")
        await expect(story.nth(1)).to_contain_text("this run")
        await page.get_by_role("button", name="Oldest first").click()
        await expect(story.nth(0)).to_contain_text("the beginning")
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)

        await story.nth(0).get_by_role("link").click()
        await expect(strip).to_contain_text("Run 1 of 4")
        await expect(strip.get_by_role("link", name="Run before")).to_have_count(0)


async def test_a_run_that_stands_alone_has_no_chain(shown: Shown) -> None:
    async with shown.opened(shown.path_of("order-A-10482")) as page:
        await expect(page.get_by_role("heading", name="order-A-10482")).to_be_visible()
        await expect(page.get_by_role("navigation", name="Chain of runs")).to_have_count(0)
        await expect(page.get_by_role("link", name="Chain", exact=True)).to_have_count(0)
