"""The run page: the answer first, then every step with its input, error and attempts."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect
from tests.acceptance.shop import TASK_QUEUE, Parcel, Pictures
from tests.acceptance.shown import BIG_NUMBER, HOSTILE_ID, Scheme, Shown, is_wider_than_the_screen, violations

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]


async def open_failed_step(page: Page) -> None:
    await page.get_by_role("link", name="Go to the step").click()
    await expect(page.get_by_role("heading", name="Capture payment")).to_be_visible()


class TestFailedRun:
    async def test_one_sentence_says_what_failed_and_why(self, shown: Shown) -> None:
        async with shown.opened(shown.path_of("order-A-10482")) as page:
            await expect(page.get_by_test_id("headline")).to_contain_text(
                "Capture payment failed after 3 attempts: GatewayTimeout, Card network did not answer"
            )

    async def test_the_sentence_opens_the_step_with_its_input_to_the_last_digit(self, shown: Shown) -> None:
        async with shown.opened(shown.path_of("order-A-10482")) as page:
            await open_failed_step(page)
            await expect(page.get_by_role("region", name="input")).to_contain_text(str(BIG_NUMBER))
            await expect(page.get_by_role("region", name="input")).to_contain_text("<script>alert(1)</script>")

    async def test_the_step_shows_the_cause_the_verdict_and_every_attempt(self, shown: Shown) -> None:
        async with shown.opened(shown.path_of("order-A-10482")) as page:
            await open_failed_step(page)
            inspector = page.get_by_role("complementary", name="Step")
            await expect(inspector).to_contain_text("caused by TimeoutError: POST /v2/capture")
            await expect(inspector).to_contain_text("Why unexpected?")
            await expect(inspector.get_by_role("table", name="Attempts").get_by_role("row")).to_have_count(4)

    async def test_the_address_holds_the_open_step(self, shown: Shown) -> None:
        async with shown.opened(shown.path_of("order-A-10482")) as page:
            await open_failed_step(page)
            await expect(page).to_have_url(re.compile(r"/executions/[0-9a-f-]{36}\?step=\d+$"))
            await page.reload()
            await expect(page.get_by_role("heading", name="Capture payment")).to_be_visible()

    async def test_keys_walk_through_the_steps(self, shown: Shown) -> None:
        async with shown.opened(shown.path_of("order-A-10482")) as page:
            await expect(page.get_by_role("link", name="Validate order")).to_be_visible()
            await page.keyboard.press("j")
            await expect(page.get_by_role("heading", name="Validate order")).to_be_visible()
            await page.keyboard.press("j")
            await expect(page.get_by_role("heading", name="Capture payment")).to_be_visible()
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("complementary", name="Step")).to_have_count(0)

    async def test_raw_history_names_events_as_temporal_does(self, shown: Shown) -> None:
        async with shown.opened(shown.path_of("order-A-10482")) as page:
            await page.get_by_role("link", name="Raw history").click()
            await page.get_by_text("WorkflowExecutionStarted").click()
            await expect(page.get_by_role("region", name="event 1")).to_contain_text('"OrderFulfilment"')

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1280, 390])
    async def test_it_is_accessible_and_fits(self, shown: Shown, scheme: Scheme, width: int) -> None:
        async with shown.opened(shown.path_of("order-A-10482"), scheme=scheme, width=width) as page:
            await expect(page.get_by_test_id("headline")).to_be_visible()
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)

    async def test_a_narrow_screen_shows_the_step_in_a_sheet(self, shown: Shown) -> None:
        async with shown.opened(shown.path_of("order-A-10482"), width=390) as page:
            await page.get_by_role("link", name="Capture payment").click()
            sheet = page.get_by_role("dialog", name="Step")
            await expect(sheet).to_contain_text("GatewayTimeout")
            await sheet.get_by_role("button", name="Close the step").click()
            await expect(sheet).to_have_count(0)


class TestHostileText:
    async def test_it_is_shown_as_text(self, shown: Shown) -> None:
        async with shown.opened(shown.path_of(HOSTILE_ID)) as page:
            heading = page.get_by_role("heading", level=1)
            await expect(heading).to_contain_text("<img src=x onerror=alert(1)>U+202Egnp.exe")
            await expect(page.locator("img")).to_have_count(0)

    async def test_a_long_id_stays_inside_a_phone(self, shown: Shown) -> None:
        async with shown.opened(shown.path_of(HOSTILE_ID), width=390) as page:
            await expect(page.get_by_role("heading", level=1)).to_contain_text("gnp.exe")
            assert not await is_wider_than_the_screen(page)


class TestOpenRun:
    async def test_it_follows_what_happens_and_says_when_it_is_over(self, shown: Shown) -> None:
        workflow_id = f"parcel-{uuid4().hex[:8]}"
        parcel = await shown.client.start_workflow(Parcel.run, id=workflow_id, task_queue=TASK_QUEUE)
        async with shown.opened(shown.path_of(workflow_id)) as page:
            await expect(page.get_by_text("No steps yet")).to_be_visible()
            await parcel.signal(Parcel.scanned, "Leipzig")
            await expect(page.get_by_role("link", name="scanned")).to_be_visible(timeout=15_000)
            await parcel.signal(Parcel.arrived)
            await expect(page.get_by_text("completed").first).to_be_visible(timeout=15_000)
            await expect(page.get_by_role("status")).to_contain_text("· complete")


class TestManySteps:
    async def test_only_the_rows_on_the_screen_exist_and_the_last_can_be_reached(self, shown: Shown) -> None:
        workflow_id = f"pictures-{uuid4().hex[:8]}"
        count = 250  # more than the first page of 200 steps holds
        await shown.client.execute_workflow(Pictures.run, count, id=workflow_id, task_queue=TASK_QUEUE)
        async with shown.opened(shown.path_of(workflow_id)) as page:
            table = page.get_by_role("table", name="Steps")
            await expect(table).to_have_attribute("aria-rowcount", str(count + 1))
            assert await table.get_by_role("row").count() < 60
            await page.keyboard.press("End")
            await expect(page.get_by_role("link", name=f"#{count}")).to_be_visible()


class TestUnknownRun:
    async def test_it_says_so_without_telling_whose_it_is(self, shown: Shown) -> None:
        async with shown.opened(f"/executions/{uuid4()}") as page:
            await expect(page.get_by_role("alert")).to_contain_text("There is no such thing as this run here")
            assert await violations(page) == []
