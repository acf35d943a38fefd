"""Services and the catalogue on the page, as a person keeps them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect
from tests.acceptance.shown import Scheme, Shown, is_wider_than_the_screen, violations
from tests.builder.answering import Answering, answering

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

SCREENS = [("light", 1280), ("dark", 390)]
SECRET = "Bearer nobody-may-read-this"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server() -> AsyncIterator[Answering]:
    async with answering() as served:
        yield served


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
async def test_a_service_is_added_tested_allowed_and_removed(
    shown: Shown, server: Answering, scheme: Scheme, width: int
) -> None:
    path = f"/projects/{shown.project_id}/components"
    async with shown.opened(path, scheme=scheme, width=width) as page:
        await page.get_by_role("link", name="Add a service").click()
        form = page.get_by_role("form", name="Add a service")
        await form.get_by_label("Name").fill(f"shop {scheme}")
        await form.get_by_label("Address").fill(server.url)
        await form.get_by_label("Its value").fill(SECRET)
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)
        await form.get_by_role("button", name="Add the service").click()
        await expect(form).to_have_count(0)
        service = page.get_by_role("article", name=f"Service shop {scheme}")
        await expect(service).to_contain_text("not tested")
        await service.get_by_role("button", name="Test").click()
        await expect(service).to_contain_text("is no public address")
        networks = page.get_by_role("form", name="Allowed networks")
        await networks.get_by_label("Networks that are not public").fill("127.0.0.1")
        await networks.get_by_role("button", name="Save the networks").click()
        await expect(networks.get_by_label("Networks that are not public")).to_have_value("127.0.0.1/32")
        await service.get_by_role("button", name="Test").click()
        await expect(service).to_contain_text("works")
        assert server.asked[-1][2]["authorization"] == SECRET
        assert SECRET not in await page.content()
        assert await violations(page) == []
        await service.get_by_role("button", name="Remove").click()
        await service.get_by_role("button", name="Remove it").click()
        await expect(service).to_have_count(0)
        await networks.get_by_label("Networks that are not public").fill("")
        await networks.get_by_role("button", name="Save the networks").click()
        await expect(networks.get_by_role("button", name="Save the networks")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
async def test_an_activity_of_any_sdk_is_written_down(shown: Shown, scheme: Scheme, width: int) -> None:
    path = f"/projects/{shown.project_id}/components"
    async with shown.opened(path, scheme=scheme, width=width) as page:
        await expect(page.get_by_role("region", name="Catalogue")).to_contain_text("HTTP request")
        await page.get_by_role("link", name="Add a component").click()
        form = page.get_by_role("form", name="Add a component")
        await form.get_by_label("Activity type").fill(f"charge-{scheme}")
        await form.get_by_label("Name").fill(f"Charge {scheme}")
        await form.get_by_label("Its input, as JSON Schema").fill("nonsense")
        await form.get_by_role("button", name="Add the component").click()
        await expect(form.get_by_role("alert")).to_contain_text("The input schema is no JSON object.")
        await form.get_by_label("Its input, as JSON Schema").fill('{"type": "string"}')
        await form.get_by_role("button", name="Add the component").click()
        await expect(form.get_by_role("alert")).to_contain_text("must describe an object")
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)
        await form.get_by_label("Its input, as JSON Schema").fill('{"type": "object"}')
        await form.get_by_role("button", name="Add the component").click()
        await expect(page.get_by_role("region", name="Catalogue")).to_contain_text(f"Charge {scheme}")
