"""What administrators of the installation see, in a browser."""

import pytest
from playwright.async_api import expect
from tests.acceptance.shown import Scheme, Shown, is_wider_than_the_screen, violations

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
async def test_the_rail_leads_to_how_stored_figures_compare(shown: Shown, scheme: Scheme, width: int) -> None:
    async with shown.opened("/", scheme=scheme, width=width) as page:
        if width == 390:
            await page.get_by_role("button", name="More").press("Enter")
            await expect(page.get_by_role("button", name="Sign out owner")).to_be_visible()
            assert await violations(page) == []
        await page.get_by_role("link", name="People").click()
        await expect(page.get_by_role("heading", name="People", level=1)).to_be_visible()
        await expect(page.get_by_role("button", name="Sign out owner")).to_be_visible(visible=width == 1280)
        await page.get_by_role("link", name="Figures").click()
        await expect(page.get_by_role("heading", name="Figures", level=1)).to_be_visible()
        # The first comparison comes by itself, some time after the start.
        none = page.get_by_role("heading", name="Nothing was compared yet")
        await expect(
            none.or_(page.get_by_role("list", name="Comparisons").get_by_role("listitem").first)
        ).to_be_visible()
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)
