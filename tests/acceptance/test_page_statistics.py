"""Statistics of a workflow and of a project, in a browser."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from tests.acceptance.eventually import eventually
from tests.acceptance.shown import Scheme, Shown, called, is_wider_than_the_screen, violations

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

SCREENS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 390)]
TABLES = "tables=%5B%22durations%22%2C%22runs%22%2C%22distribution%22%5D"


async def orders_of(shown: Shown) -> str:
    """The id of the workflow whose two orders have failed, both of them copied with their steps."""

    async def copied() -> str | None:
        listed = await called(shown, "workflow.list", {"projectId": shown.project_id}, is_query=True)
        ids = [str(workflow["id"]) for workflow in listed["items"] if workflow["name"] == "OrderFulfilment"]
        for workflow_id in ids:
            of = {"workflowId": workflow_id}
            figures = await called(shown, "execution.getWorkflowStatistics", of, is_query=True)
            steps = [one["failedCount"] for one in figures["components"] if one["name"] == "payments.capture"]
            if figures["errorCount"] >= 2 and sum(steps) >= 2:
                return workflow_id
        return None

    workflow_id = await eventually(copied)
    assert workflow_id is not None
    return workflow_id


async def has_charts(page: Page) -> None:
    for label in ("Duration of runs over time", "Runs by status over time", "How the durations"):
        chart = page.get_by_role("img", name=re.compile(label))
        await expect(chart.locator("svg path").first).to_be_attached()


class TestWorkflow:
    @pytest.mark.parametrize(("scheme", "width"), SCREENS)
    async def test_it_is_accessible_and_fits(self, shown: Shown, scheme: Scheme, width: int) -> None:
        path = f"/workflows/{await orders_of(shown)}/statistics"
        async with shown.opened(path, scheme=scheme, width=width) as page:
            await has_charts(page)
            await expect(page.get_by_role("table", name="Components")).to_contain_text("payments.capture")
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)
            await page.goto(f"{shown.url.rstrip('/')}{path}?{TABLES}")
            await expect(page.get_by_role("region", name="Runs, as a table")).to_be_visible()
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)

    async def test_a_chart_is_a_table_too_and_the_address_says_so(self, shown: Shown) -> None:
        async with shown.opened(f"/workflows/{await orders_of(shown)}/statistics?last=1h") as page:
            runs = page.get_by_role("region", name="Runs", exact=True)
            await runs.get_by_role("button", name="Show as table").click()
            await expect(page).to_have_url(re.compile("tables="))
            await page.reload()
            table = page.get_by_role("region", name="Runs, as a table")
            await expect(table.get_by_role("columnheader", name="failed")).to_be_visible()
            failed = [int(text) for text in await table.locator("tbody td:nth-child(4)").all_inner_texts()]
            assert 60 <= len(failed) <= 62
            assert sum(failed) >= 2

    async def test_a_charts_data_is_handed_out_as_csv(self, shown: Shown) -> None:
        async with shown.opened(f"/workflows/{await orders_of(shown)}/statistics") as page:
            await has_charts(page)
            async with page.expect_download() as download:
                await page.get_by_role("button", name="Download “Runs” as CSV").click()
            file = await download.value
            assert file.suggested_filename == "OrderFulfilment-runs.csv"
            rows = list(csv.DictReader(io.StringIO(Path(await file.path()).read_text(encoding="utf-8"), newline="")))
            assert sum(int(row["failed"]) for row in rows) == sum(int(row["errors"]) for row in rows) >= 2
            async with page.expect_download() as download:
                await page.get_by_role("button", name="Download “Components” as CSV").click()
            text = Path(await (await download.value).path()).read_text(encoding="utf-8")
            (capture,) = [row for row in csv.DictReader(io.StringIO(text)) if row["component"] == "payments.capture"]
            assert int(capture["failed"]) == int(capture["steps"]) >= 2

    async def test_dragging_over_a_chart_zooms_in(self, shown: Shown) -> None:
        async with shown.opened(f"/workflows/{await orders_of(shown)}/statistics") as page:
            await has_charts(page)
            box = await page.get_by_role("img", name=re.compile("Runs by status")).bounding_box()
            assert box is not None
            await page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 80)
            await page.mouse.down()
            await page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 90, steps=4)
            await expect(page.locator(".chart-brush")).to_be_visible()
            await page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 90)
            await page.mouse.up()
            await expect(page).to_have_url(re.compile(r"from=.*to="))
            await expect(page.get_by_role("button", name=re.compile(r" to "))).to_be_visible()
            await has_charts(page)

    async def test_the_keyboard_zooms_in_too(self, shown: Shown) -> None:
        async with shown.opened(f"/workflows/{await orders_of(shown)}/statistics") as page:
            runs = page.get_by_role("region", name="Runs", exact=True)
            await runs.get_by_role("button", name="Zoom in on a part of the time").focus()
            await page.keyboard.press("Enter")
            await page.get_by_label("From", exact=True).select_option(index=40)
            await page.get_by_role("button", name="Show this part").press("Enter")
            await expect(page).to_have_url(re.compile(r"from=.*to="))

    async def test_a_figure_says_how_it_is_computed(self, shown: Shown) -> None:
        async with shown.opened(f"/workflows/{await orders_of(shown)}/statistics") as page:
            await page.get_by_role("button", name="How “Success rate” is computed").click()
            said = page.get_by_role("dialog").filter(has_text="completed ÷ (completed + failed")
            await expect(said).to_contain_text("Left out: Open, cancelled and carried-on runs")
            await expect(said).to_contain_text("Wilson")
            await said.get_by_text("As SQL").click()
            await expect(said.locator("pre")).to_contain_text("nullif")
            assert await violations(page) == []

    async def test_another_clock_and_order_are_in_the_address(self, shown: Shown) -> None:
        async with shown.opened(f"/workflows/{await orders_of(shown)}/statistics") as page:
            await page.get_by_label("Clock:").select_option("queue")
            await page.get_by_role("button", name="Share of time").first.click()
            await expect(page).to_have_url(re.compile(r"clock=queue.*sort=share|sort=share.*clock=queue"))
            await page.reload()
            await expect(page.get_by_label("Clock:")).to_have_value("queue")
            await expect(page.get_by_role("columnheader", name=re.compile("Share of time"))).to_have_attribute(
                "aria-sort", "descending"
            )

    @pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
    async def test_a_components_figures_open_the_runs_behind_them(
        self, shown: Shown, scheme: Scheme, width: int
    ) -> None:
        path = f"/workflows/{await orders_of(shown)}/statistics"
        async with shown.opened(path, scheme=scheme, width=width) as page:
            line = page.get_by_role("table", name="Components").get_by_role("row").filter(has_text="payments.capture")
            order = page.get_by_role("row").filter(has_text="order-A-10482")
            chip = page.get_by_role("group", name="Filter").get_by_role("link", name=re.compile("payments.capture"))
            for cell, words in ((1, "with step"), (2, "failed"), (4, "was retried unexpectedly"), (6, "or more")):
                await line.get_by_role("cell").nth(cell).get_by_role("link").click()
                await expect(chip).to_contain_text(words)
                if words == "or more":
                    # Whichever of them was slow.
                    await expect(page.get_by_role("table", name="Runs").get_by_role("row").nth(1)).to_be_visible()
                else:
                    await expect(order).to_be_visible()
                    await page.go_back()
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)
            await page.reload()
            await expect(chip).to_contain_text("or more")
            await chip.click()
            await expect(chip).to_have_count(0)
            await expect(page).not_to_have_url(re.compile("component"))

    async def test_errors_are_grouped_and_open_their_runs(self, shown: Shown) -> None:
        async with shown.opened(f"/workflows/{await orders_of(shown)}/statistics") as page:
            group = (
                page.get_by_role("table", name="Errors, grouped").get_by_role("row").filter(has_text="GatewayTimeout")
            )
            await expect(group).to_contain_text("Capture payment")
            await group.get_by_role("cell").nth(1).get_by_role("link").click()
            await expect(page.get_by_role("row").filter(has_text="order-A-10482")).to_be_visible()
            await expect(page).to_have_url(re.compile("errorGroup="))


class TestRanges:
    async def test_one_that_ends_before_it_begins_can_be_turned_round(self, shown: Shown) -> None:
        window = "from=2999-01-01T00:00:00.000Z&to=2020-01-01T00:00:00.000Z"
        async with shown.opened(f"/workflows/{await orders_of(shown)}/statistics?{window}") as page:
            await expect(page.get_by_role("heading", name="This range ends before it begins.")).to_be_visible()
            assert await violations(page) == []
            await page.get_by_role("button", name="Turn it round").click()
            await expect(page.locator(".tile", has_text="Errors")).to_be_visible()

    async def test_twenty_years_are_drawn(self, shown: Shown) -> None:
        window = "from=2007-01-01T00:00:00.000Z&to=2027-01-01T00:00:00.000Z"
        async with shown.opened(f"/workflows/{await orders_of(shown)}/statistics?{window}") as page:
            await has_charts(page)
            await expect(page.get_by_role("region", name="Runs", exact=True)).to_contain_text("3 months each")

    @pytest.mark.parametrize("path", ["/workflows/{workflow}/statistics", "/projects/{project}/statistics"])
    async def test_a_time_without_runs_leads_to_all_time(self, shown: Shown, path: str) -> None:
        whole = path.format(workflow=await orders_of(shown), project=shown.project_id)
        async with shown.opened(f"{whole}?from=2400-01-01T00:00:00.000Z") as page:
            await expect(page.get_by_role("heading", name="No run started in this time")).to_be_visible()
            await expect(page.get_by_text("%")).to_have_count(0)
            await page.get_by_role("button", name="Show all time").click()
            await has_charts(page)
            await expect(page).to_have_url(re.compile("last=all"))

    async def test_an_own_range_is_read_as_the_time_here(self, shown: Shown) -> None:
        async with shown.opened(f"/workflows/{await orders_of(shown)}/statistics") as page:
            await page.get_by_role("button", name="Last 7 days").click()
            await page.get_by_label("Started from").fill("2026-03-29T00:00")
            await page.get_by_label("before", exact=True).fill("2026-03-28T00:00")
            await expect(page.get_by_role("alert")).to_contain_text("The end is before the start.")
            await page.get_by_label("before", exact=True).fill("")
            await page.get_by_role("button", name="Show this range").click()
            await expect(page).to_have_url(re.compile(r"from=2026-03-28T23(:|%3A)00"))


class TestProject:
    @pytest.mark.parametrize(("scheme", "width"), SCREENS)
    async def test_it_is_accessible_and_fits(self, shown: Shown, scheme: Scheme, width: int) -> None:
        path = f"/projects/{shown.project_id}/statistics"
        async with shown.opened(path, scheme=scheme, width=width) as page:
            await has_charts(page)
            await expect(page.get_by_role("table", name="Workflows")).to_contain_text("OrderFulfilment")
            await expect(page.get_by_role("table", name="Waits by task queue")).to_be_visible()
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)

    async def test_a_workflow_opens_with_the_same_range(self, shown: Shown) -> None:
        async with shown.opened(f"/projects/{shown.project_id}/statistics?last=24h") as page:
            await page.get_by_role("table", name="Workflows").get_by_role("link", name="OrderFulfilment").click()
            await expect(page).to_have_url(re.compile(r"/workflows/.*/statistics\?last=24h"))
            await has_charts(page)
