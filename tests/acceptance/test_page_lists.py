"""Projects, workflows, their runs and figures."""

import re

import pytest
from playwright.async_api import Page, expect
from tests.acceptance.shop import TASK_QUEUE
from tests.acceptance.shown import Scheme, Shown, is_wider_than_the_screen, violations

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

SCREENS = [("light", 1280), ("dark", 390)]


async def open_workflow(page: Page) -> None:
    await page.get_by_role("table", name="Workflows").get_by_role("link", name="OrderFulfilment").click()
    await expect(page.get_by_role("heading", name="OrderFulfilment")).to_be_visible()
    await expect(page.get_by_role("table", name="Runs").get_by_role("link", name="order-A-10482")).to_be_visible()


class TestProjects:
    @pytest.mark.parametrize(("scheme", "width"), SCREENS)
    async def test_each_says_which_namespace_it_looks_at(self, shown: Shown, scheme: Scheme, width: int) -> None:
        async with shown.opened("/", scheme=scheme, width=width) as page:
            local = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Local"))
            await expect(local).to_contain_text("namespace default")
            await expect(local).to_contain_text("connected", timeout=30_000)
            assert await violations(page) == []


class TestExecutionHistory:
    async def test_it_says_why_a_run_ended(self, shown: Shown) -> None:
        async with shown.opened(f"/projects/{shown.project_id}") as page:
            await open_workflow(page)
            row = page.get_by_role("row").filter(has_text="order-A-10482")
            await expect(row).to_contain_text("failed")
            await expect(row).to_contain_text("Capture payment · GatewayTimeout")
            await expect(row).to_contain_text("2 unexpected")

    async def test_a_status_is_chosen_in_the_address(self, shown: Shown) -> None:
        async with shown.opened(f"/projects/{shown.project_id}") as page:
            await open_workflow(page)
            await page.get_by_role("link", name=re.compile(r"\d+ failed")).click()
            await expect(page).to_have_url(re.compile(r"status="))
            await page.reload()
            await expect(page.get_by_role("row").filter(has_text="order-A-10482")).to_be_visible()

    @pytest.mark.parametrize(("scheme", "width"), SCREENS)
    async def test_what_it_is_narrowed_to_stands_above_it_and_can_be_taken_away(
        self, shown: Shown, scheme: Scheme, width: int
    ) -> None:
        async with shown.opened(f"/projects/{shown.project_id}", scheme=scheme, width=width) as page:
            await open_workflow(page)
            (workflow,) = re.findall("/workflows/([0-9a-f-]+)", page.url)
            found = await page.evaluate(
                """async (workflowId) => {
                    const input = encodeURIComponent(JSON.stringify({ workflowId }))
                    return (await (await fetch(`/trpc/statistics.errors?input=${input}`)).json()).result.data.groups
                }""",
                workflow,
            )
            (group,) = [one["errorGroup"] for one in found if one["errorType"] == "GatewayTimeout"]
            narrowed = f"errorGroup={group}&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&minDurationMs=1"
            await page.goto(f"{page.url.split('?')[0]}?{narrowed}")
            row = page.get_by_role("row").filter(has_text="order-A-10482")
            await expect(row).to_be_visible()
            filters = page.get_by_role("group", name="Filter")
            error = filters.get_by_role("link", name=re.compile("error like GatewayTimeout"))
            started = filters.get_by_role("link", name=re.compile("started 1 Jan"))
            took = filters.get_by_role("link", name=re.compile("took 1 ms or more"))
            for chip in (error, started, took):
                await expect(chip).to_be_visible()
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)
            await error.click()
            await expect(error).to_have_count(0)
            await expect(page).not_to_have_url(re.compile("errorGroup"))
            await took.press("Enter")
            await expect(took).to_have_count(0)
            await started.click()
            await expect(page).to_have_url(re.compile(f"/workflows/{workflow}$"))
            await expect(row).to_be_visible()

    async def test_where_no_run_matches_all_can_be_shown(self, shown: Shown) -> None:
        async with shown.opened(f"/projects/{shown.project_id}") as page:
            await open_workflow(page)
            await page.goto(f"{page.url.split('?')[0]}?errorGroup=g0123456789abcde")
            await expect(page.get_by_role("heading", name="No run matches")).to_be_visible()
            await page.get_by_role("link", name="Show all runs").click()
            await expect(page.get_by_role("row").filter(has_text="order-A-10482")).to_be_visible()

    @pytest.mark.parametrize(("scheme", "width"), SCREENS)
    async def test_it_is_accessible_and_fits(self, shown: Shown, scheme: Scheme, width: int) -> None:
        async with shown.opened(f"/projects/{shown.project_id}", scheme=scheme, width=width) as page:
            await open_workflow(page)
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)


class TestRunsOfAProject:
    @pytest.mark.parametrize(("scheme", "width"), SCREENS)
    async def test_they_are_of_every_workflow_and_fit(self, shown: Shown, scheme: Scheme, width: int) -> None:
        async with shown.opened(f"/projects/{shown.project_id}", scheme=scheme, width=width) as page:
            await page.get_by_role("navigation", name="Project").get_by_role("link", name="Runs").click()
            row = page.get_by_role("row").filter(has_text="order-A-10482")
            await expect(row).to_be_visible()
            await expect(row.get_by_role("link", name="OrderFulfilment")).to_be_visible()
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)

    async def test_a_projects_figures_open_them(self, shown: Shown) -> None:
        async with shown.opened(f"/projects/{shown.project_id}/statistics?children=true") as page:
            errors = page.locator(".tile", has_text="Errors").get_by_role("link")
            count = await errors.inner_text()
            await errors.click()
            await expect(page).to_have_url(re.compile(r"/runs\?.*errors=true"))
            await expect(page.get_by_role("navigation", name="Pages")).to_contain_text(f"of {count} ")

    async def test_a_task_queues_runs_are_opened_and_told(self, shown: Shown) -> None:
        async with shown.opened(f"/projects/{shown.project_id}/statistics?children=true") as page:
            line = page.get_by_role("table", name="Waits by task queue").get_by_role("row").filter(has_text=TASK_QUEUE)
            await line.get_by_role("link").click()
            await expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
            narrowed = page.get_by_role("group", name="Filter").get_by_role("link", name=f"task queue {TASK_QUEUE}")
            await narrowed.click()
            await expect(narrowed).to_have_count(0)
            await expect(page).to_have_url(re.compile(rf"/projects/{shown.project_id}/runs"))
            await expect(page).not_to_have_url(re.compile("taskQueue"))


class TestStatistics:
    @pytest.mark.parametrize(("scheme", "width"), SCREENS)
    async def test_a_workflows_figures_link_to_what_they_count(self, shown: Shown, scheme: Scheme, width: int) -> None:
        async with shown.opened(f"/projects/{shown.project_id}", scheme=scheme, width=width) as page:
            await open_workflow(page)
            await page.get_by_role("navigation", name="Workflow").get_by_role("link", name="Statistics").click()
            await expect(page.get_by_role("table", name="Components")).to_contain_text("payments.capture")
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)
            await page.locator(".tile", has_text="Errors").get_by_role("link").click()
            await expect(page.get_by_role("row").filter(has_text="order-A-10482")).to_be_visible()

    async def test_there_is_no_figure_where_nothing_was_counted(self, shown: Shown) -> None:
        async with shown.opened(f"/projects/{shown.project_id}/statistics?to=2001-01-01T00:00:00Z") as page:
            await expect(page.get_by_role("heading", name="No run started in this time")).to_be_visible()
            await expect(page.get_by_text("%")).to_have_count(0)

    async def test_a_projects_figures_are_accessible(self, shown: Shown) -> None:
        async with shown.opened(f"/projects/{shown.project_id}/statistics", scheme="dark") as page:
            await expect(page.get_by_text("Most used task queue")).to_be_visible()
            # As after a run that took years: the link reaches below the button beside the tile's name.
            longest = page.locator(".tile", has_text="Longest run").get_by_role("link").first
            await longest.evaluate("link => { link.textContent = '2 y 170 d' }")
            assert await violations(page) == []


class TestSignIn:
    async def test_a_stranger_is_told_how_to_get_a_link(self, shown: Shown) -> None:
        async with shown.opened("/", signed_in=False) as page:
            await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
            # Folded away once somebody has a password.
            await expect(page.get_by_text("watchglass sign-in-link")).to_be_attached()
            assert await violations(page) == []

    async def test_a_link_works_once(self, shown: Shown) -> None:
        async with shown.opened(f"/{shown.sign_in_url[len(shown.url) :]}", signed_in=False) as page:
            await expect(page.get_by_role("alert")).to_contain_text("This sign-in link was used already")
            assert "#" not in page.url


class TestHelp:
    async def test_a_question_mark_lists_the_keys(self, shown: Shown) -> None:
        async with shown.opened("/") as page:
            await expect(page.get_by_role("link", name="Local")).to_be_visible()
            await page.keyboard.press("?")
            await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
            assert await violations(page) == []
