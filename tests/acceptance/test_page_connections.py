"""Connections on the page: added, tested and changed as a person does it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from tests.acceptance.certificates import Authority
from tests.acceptance.grpc_proxy import GrpcProxy
from tests.acceptance.shown import Scheme, Shown, is_wider_than_the_screen, violations

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

SCREENS = [("light", 1280), ("dark", 390)]
KEY = "page-key-nobody-may-read"
OURS = Authority("Ours")


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(shown: Shown) -> AsyncIterator[GrpcProxy]:
    async with GrpcProxy(shown.client.service_client.config.target_host) as opened:
        opened.api_keys = {KEY}
        yield opened


async def fill_place(page: Page, address: str, namespace: str = "default") -> None:
    await page.get_by_label("Address").fill(address)
    await page.get_by_label("Namespace").fill(namespace)


async def fill_key(page: Page, key: str) -> None:
    await page.get_by_label("Signs in with").select_option("apiKey")
    await page.get_by_label("API key").fill(key)
    await page.get_by_label("Encrypt the connection (TLS)").uncheck()


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
async def test_the_header_leads_to_a_list_that_is_accessible_and_fits(shown: Shown, scheme: Scheme, width: int) -> None:
    async with shown.opened(f"/projects/{shown.project_id}", scheme=scheme, width=width) as page:
        await page.get_by_role("link", name="Connection: connected").click()
        own = page.get_by_role("article", name="Connection to default").first
        await expect(own).to_contain_text("every run with all of its steps")
        await own.get_by_role("button", name="Test").click()
        await expect(own.get_by_role("status")).to_contain_text("Everything that is needed works.")
        await expect(own).to_contain_text("GetWorkflowExecutionHistoryReverse")
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
async def test_a_project_is_made_with_a_connection_that_was_tested(
    shown: Shown, proxy: GrpcProxy, scheme: Scheme, width: int
) -> None:
    async with shown.opened("/", scheme=scheme, width=width) as page:
        await page.get_by_role("link", name="New project").click()
        form = page.get_by_role("form", name="New project")
        await form.get_by_label("Name", exact=True).fill(f"Shop {scheme}")
        await fill_place(page, proxy.address)
        await form.get_by_role("button", name="Test").click()
        await expect(form.get_by_role("status")).to_contain_text("does not accept the credentials")
        await fill_key(page, KEY)
        await form.get_by_role("button", name="Test").click()
        await expect(form.get_by_role("status")).to_contain_text("Everything that is needed works.")
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)
        await form.get_by_role("button", name="Make the project").click()
        made = page.get_by_role("article", name="Connection to default")
        await expect(made).to_contain_text("an API key, in plain text")
        await expect(made).to_contain_text("connected")
        assert KEY not in await page.content()


async def test_a_stored_key_is_replaced_and_never_shown(shown: Shown, proxy: GrpcProxy) -> None:
    proxy.api_keys = {KEY, "the next key"}
    async with shown.opened(f"/projects/{shown.project_id}/connections?edit=new") as page:
        form = page.get_by_role("form", name="Add a connection")
        await fill_place(page, proxy.address)
        await fill_key(page, KEY)
        await form.get_by_label("Scope").fill("WorkflowTyp = 'Order'")
        await form.get_by_role("button", name="Test").click()
        await expect(form.get_by_role("status")).to_contain_text("because of “WorkflowTyp”")
        await form.get_by_label("Scope").fill("WorkflowType = 'Order'")
        await form.get_by_role("button", name="Add it").click()
        added = page.get_by_role("article").filter(has_text=proxy.address)
        await expect(added).to_contain_text("WorkflowType = 'Order'")
        await expect(added).to_contain_text("connected")
        await added.get_by_role("link", name="Change").click()
        form = page.get_by_role("form", name="Change the connection to default")
        await expect(form.get_by_label("API key")).to_have_value("")
        await expect(form).to_contain_text("Set on")
        proxy.api_keys = {"the next key"}
        await form.get_by_role("button", name="Test").click()
        await expect(form.get_by_role("status")).to_contain_text("does not accept the credentials")
        await form.get_by_label("API key").fill("the next key")
        await form.get_by_role("button", name="Test").click()
        await expect(form.get_by_role("status")).to_contain_text("Everything that is needed works.")
        await form.get_by_role("button", name="Save").click()
        await expect(added.get_by_role("link", name="Change")).to_be_visible()
        assert KEY not in await page.content()


async def test_decoding_while_copying_is_asked_for_with_its_warning(shown: Shown, proxy: GrpcProxy) -> None:
    async with shown.opened(f"/projects/{shown.project_id}/connections?edit=new", scheme="dark", width=390) as page:
        await fill_place(page, proxy.address, "encoded")
        await page.get_by_label("Codec server").fill("http://127.0.0.1:1")
        await page.get_by_role("button", name="Add it").click()
        added = page.get_by_role("article", name="Connection to encoded")
        await added.get_by_role("button", name="Already while they are copied").click()
        await expect(added.get_by_role("form")).to_contain_text("readable in the database")
        await added.get_by_label("Token for the codec server").fill("codec-token")
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)
        await added.get_by_role("button", name="Decode while copying").click()
        await added.get_by_role("button", name="Only when somebody looks").click()
        await expect(added.get_by_role("button", name="Already while they are copied")).to_be_visible()
        assert "codec-token" not in await page.content()


async def test_a_key_has_to_be_entered_again_for_another_address(shown: Shown, proxy: GrpcProxy) -> None:
    async with shown.opened(f"/projects/{shown.project_id}/connections?edit=new") as page:
        await fill_place(page, proxy.address, "moves")
        await fill_key(page, KEY)
        await page.get_by_role("button", name="Add it").click()
        await page.get_by_role("article", name="Connection to moves").get_by_role("link", name="Change").click()
        await page.get_by_label("Address").fill("127.0.0.1:1")
        await expect(page.get_by_text("was entered for another address")).to_be_visible()
        await expect(page.get_by_label("API key")).to_have_attribute("required", "")
