"""Members and activity of a project, in a browser."""

import pytest
from playwright.async_api import expect
from tests.acceptance.observed import new_id
from tests.acceptance.shown import Scheme, Shown, called, violations


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
        await page.get_by_role("combobox", name="What", exact=True).select_option("values")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert await violations(page) == []


async def test_a_line_links_to_what_it_is_about_until_that_is_gone(shown: Shown) -> None:
    project, name = {"projectId": shown.project_id}, new_id("service")
    settings = {"kind": "http", "baseUrl": "https://shop.example"}
    await called(shown, "service.create", {**project, "name": name, "settings": settings})
    listed = await called(shown, "service.list", project, is_query=True)
    [made] = [service["id"] for service in listed["items"] if service["name"] == name]
    path = f"/projects/{shown.project_id}/activity"
    async with shown.opened(path) as page:
        await page.get_by_role("link", name=name).click()
        await expect(page.get_by_role("link", name="Components").first).to_have_attribute("aria-current", "page")
        await expect(page.get_by_text(name).first).to_be_visible()
    await called(shown, "service.remove", {"serviceId": made})
    async with shown.opened(path) as page:
        lines = page.get_by_role("list", name="Activity").get_by_role("listitem").filter(has_text=name)
        await expect(lines).to_have_count(2)
        await expect(lines.get_by_role("link")).to_have_count(0)
