"""Schedules on the page: when each runs, its next and last run, what is wrong; and the way there from a run."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect
from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleSpec,
    ScheduleState,
)
from tests.acceptance.observed import new_id
from tests.acceptance.shop import TASK_QUEUE
from tests.acceptance.shown import ORDER, Scheme, Shown, is_wider_than_the_screen, violations

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

LISTED = 120_000
"""Milliseconds: the list is taken once a minute, behind a round of the patrol."""


async def create(shown: Shown, spec: ScheduleSpec, *, note: str | None = None) -> ScheduleHandle:
    schedule_id = new_id("schedule")
    action = ScheduleActionStartWorkflow("OrderFulfilment", ORDER, id=f"{schedule_id}-order", task_queue=TASK_QUEUE)
    state = ScheduleState(paused=note is not None, note=note)
    return await shown.client.create_schedule(schedule_id, Schedule(action=action, spec=spec, state=state))


async def row_of(page: Page, handle: ScheduleHandle, text: str | re.Pattern[str]) -> None:
    row = page.get_by_role("list", name="Schedules").get_by_role("listitem").filter(has_text=handle.id).first
    await expect(row).to_contain_text(text, timeout=LISTED)


async def test_schedules_are_listed_and_a_run_leads_to_its_own(shown: Shown) -> None:
    nightly = await create(shown, ScheduleSpec(cron_expressions=["0 2 * * *"]))
    hourly = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(hours=1))])
    paused = await create(shown, hourly, note="until the audit is over")
    await nightly.trigger()
    path = f"/projects/{shown.project_id}/schedules"
    async with shown.opened(path) as page:
        await row_of(page, nightly, "every day at 02:00 UTC")
        await row_of(page, nightly, re.compile(r"Next run.*in \d+ [hm]"))
        await row_of(page, paused, "Paused: until the audit is over")
        await row_of(page, paused, "none while it is paused")
        await row_of(page, nightly, "failed")
        row = page.get_by_role("listitem").filter(has_text=nightly.id).first
        await row.get_by_role("link", name=re.compile("failed")).first.click()
        await page.get_by_role("link", name=nightly.id, exact=True).click()
        await expect(page).to_have_url(re.compile(rf"/schedules\?schedule={nightly.id}"))
        await expect(page.locator("li[aria-current]")).to_contain_text(nightly.id)
    await paused.delete()
    async with shown.opened(path) as page:
        await row_of(page, paused, "deleted")
    looks: list[tuple[Scheme, int]] = [("light", 1280), ("dark", 390)]
    for scheme, width in looks:
        async with shown.opened(path, scheme=scheme, width=width) as page:
            await row_of(page, nightly, "every day at 02:00 UTC")
            await page.get_by_text("More about it").first.click()
            await expect(page.get_by_text("Temporal’s specification").first).to_be_visible()
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)
