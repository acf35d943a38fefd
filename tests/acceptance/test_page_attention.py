"""Needs attention: what is in trouble, since when, and what to do; gone when it is over."""

import re

import pytest
from playwright.async_api import Page, expect
from tests.acceptance.observed import new_id
from tests.acceptance.shown import Scheme, Shown, is_wider_than_the_screen, violations

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

FOUND = 60_000
"""Milliseconds within which trouble has to be on the page."""


async def expect_no_worker(page: Page, workflow_id: str, queue: str) -> None:
    group = page.get_by_role("region", name="No worker")
    row = group.get_by_role("listitem").filter(has_text=workflow_id)
    await expect(row).to_contain_text(f"No worker takes work from the task queue {queue}", timeout=FOUND)
    await expect(row).to_contain_text("first seen")
    await expect(group).to_contain_text("Start a worker for the task queue")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
async def test_a_run_that_waits_for_a_worker_is_shown_and_goes(shown: Shown, scheme: Scheme, width: int) -> None:
    workflow_id, queue = new_id("waits"), new_id("nobody")
    handle = await shown.client.start_workflow("OrderFulfilment", id=workflow_id, task_queue=queue)
    async with shown.opened("/attention", scheme=scheme, width=width) as page:
        await expect_no_worker(page, workflow_id, queue)
        await expect(page.get_by_role("link", name=re.compile(r"Needs attention: \d+"))).to_be_visible()
        await expect(page.get_by_text(re.compile(r"\d+ open runs? in \d namespaces? (is|are) watched"))).to_be_visible()
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)
        await page.get_by_role("link", name=workflow_id).click()
        await expect(page.get_by_test_id("headline")).to_contain_text(f"from the task queue {queue}")
    async with shown.opened(f"/projects/{shown.project_id}/attention", scheme=scheme, width=width) as page:
        await expect_no_worker(page, workflow_id, queue)
        assert await violations(page) == []
        await handle.terminate("it is over")
        await expect(page.get_by_role("link", name=workflow_id)).to_have_count(0, timeout=FOUND)


async def test_what_ended_badly_leads_to_the_run(shown: Shown) -> None:
    async with shown.opened(f"/projects/{shown.project_id}/attention") as page:
        ended = page.get_by_role("region", name="Ended badly in the last 24 hours")
        row = ended.get_by_role("listitem").filter(has_text="OrderFulfilment").first
        await expect(row).to_contain_text("GatewayTimeout", timeout=FOUND)
        await row.get_by_role("link").click()
        await expect(page).to_have_url(re.compile(r"/(executions|workflows)/"))
        await expect(page.get_by_text("order-A-10482").first).to_be_visible()


async def test_the_page_is_a_key_away(shown: Shown) -> None:
    async with shown.opened("/") as page:
        await expect(page.get_by_role("heading", name="All projects")).to_be_visible()
        await page.keyboard.press("g")
        await page.keyboard.press("a")
        await expect(page.get_by_role("heading", name="Needs attention", exact=True)).to_be_visible()
