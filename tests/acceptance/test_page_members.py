"""Members and activity of a project, in a browser."""

import pytest
from playwright.async_api import expect
from tests.acceptance.shown import Scheme, Shown, violations


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
async def test_the_owner_sees_the_members_and_what_was_done(shown: Shown, scheme: Scheme, width: int) -> None:
    project = f"/projects/{shown.project_id}"
    async with shown.opened(f"{project}/members", scheme=scheme, width=width) as page:
        mine = page.get_by_role("list", name="Members").get_by_role("listitem").first
        await expect(mine).to_contain_text("you")
        await expect(mine.get_by_role("checkbox")).to_be_disabled()
        await page.get_by_label("Name").fill("nobody at all")
        await page.get_by_role("button", name="Add the member").click()
        await expect(page.get_by_role("alert")).to_contain_text("Nobody here is called “nobody at all”")
        assert await violations(page) == []
    async with shown.opened(f"{project}/activity", scheme=scheme, width=width) as page:
        await page.get_by_label("What").select_option("values")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert await violations(page) == []
