"""A part of the page that does not arrive: cut off on the way, or gone with the version that had it."""

import pytest
from playwright.async_api import Page, Route, expect
from tests.acceptance.shown import Shown, is_wider_than_the_screen, violations

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]


async def _lose(page: Page, part: str, *, times: int | None = None) -> None:
    async def lose(route: Route) -> None:
        await route.abort("connectionreset")

    await page.route(f"**/assets/{part}", lose, times=times)


@pytest.mark.parametrize("part", ["account-*.css", "account-*.js"])
async def test_a_part_that_is_lost_once_is_loaded_anew(shown: Shown, part: str) -> None:
    async with shown.opened("/") as page:
        await _lose(page, part, times=1)
        await page.locator('a[href="/account"]').first.click()
        await expect(page.get_by_role("region", name="Browsers")).to_be_visible()


@pytest.mark.parametrize("part", ["account-*.css", "account-*.js"])
async def test_a_part_that_nobody_waits_for_reloads_nothing(shown: Shown, part: str) -> None:
    """Pages are asked for when their links are touched; what stands in a form must not go for it."""
    async with shown.opened("/") as page:
        await page.evaluate("window.isTheSame = true")
        await _lose(page, part, times=1)
        async with page.expect_event("requestfailed"):
            await page.locator('a[href="/account"]').first.hover()
        await page.wait_for_timeout(500)
        assert await page.evaluate("window.isTheSame")
        await page.locator('a[href="/account"]').first.click()
        await expect(page.get_by_role("region", name="Browsers")).to_be_visible()


@pytest.mark.parametrize("part", ["account-*.css", "account-*.js"])
async def test_nothing_is_loaded_anew_from_a_server_that_is_away(shown: Shown, part: str) -> None:
    async with shown.opened("/") as page:
        await page.evaluate("window.isTheSame = true")
        await _lose(page, part)
        await page.route(shown.url.rstrip("/") + "/", lambda route: route.abort("connectionrefused"))
        await page.locator('a[href="/account"]').first.click()
        await expect(page.get_by_role("alert")).to_contain_text("A part of this page did not arrive")
        assert await page.evaluate("window.isTheSame")


@pytest.mark.parametrize(("part", "width"), [("account-*.css", 1280), ("account-*.js", 390)])
async def test_a_part_that_stays_lost_is_told_of(shown: Shown, part: str, width: int) -> None:
    async with shown.opened("/", width=width) as page:
        await _lose(page, part)
        await page.goto(shown.url.rstrip("/") + "/account")
        told = page.get_by_role("alert")
        await expect(told).to_contain_text("A part of this page did not arrive")
        await expect(told).to_contain_text("another version of it was started")
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)
        await page.unroute_all()
        await told.get_by_role("button", name="Load the page again").click()
        await expect(page.get_by_role("region", name="Browsers")).to_be_visible()
