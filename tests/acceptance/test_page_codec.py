"""Encrypted values on the page: nothing leaves before somebody agrees, then everything can be read."""

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from temporalio.client import WorkflowFailureError
from tests.acceptance.bench import Bench, bench
from tests.acceptance.observed import new_id
from tests.acceptance.shown import Scheme, Shown, is_wider_than_the_screen, violations
from tests.acceptance.vault import CARD, Charge, vault_worker
from tests.api.seeded import dependencies
from tests.codec import TOKEN, CodecServer, codec_server

from watchglass.api.app import create_app
from watchglass.auth.credential import session_cookie
from watchglass.auth.sign_in import new_sign_in_url
from watchglass.cli.serve import PageServer
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.undecoded import forget_undecoded, mark_undecoded
from watchglass.store.users import find_user
from watchglass.sync.one import sync_execution

__all__ = ["bench"]
pytestmark = [pytest.mark.acceptance, pytest.mark.browser]


@dataclass(frozen=True)
class Encrypted:
    shown: Shown
    codec: CodecServer
    path: str
    """Of a run that failed, all of it encrypted."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def encrypted(bench: Bench, temporal: EmbeddedTemporal, browser: Browser) -> AsyncIterator[Encrypted]:
    listener = socket.create_server(("127.0.0.1", 0))
    page = PageServer(create_app(dependencies(bench.parts)), listener)
    await page.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    async with codec_server() as codec, vault_worker(temporal.address) as (client, queue):
        async with bench.store.write() as writer:
            await writer.execute(
                "UPDATE connections SET codec_address = $2 WHERE id = $1", bench.connection.id, codec.address
            )
        handle = await client.start_workflow(
            Charge.run, CARD, id=new_id("charge"), task_queue=queue, memo={"customer": CARD}
        )
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        key = await bench.key_of(handle)
        assert (await sync_execution(bench.parts, key)).error is None
        cookie = {
            "name": session_cookie(is_behind_tls=False),
            "value": await session_of(bench.store, url, "ada"),
            "url": url,
        }
        project, connection = str(bench.connection.project_id), str(bench.connection.id)
        # Nothing of it is asked where its data is.
        nowhere = Path("/nonexistent")
        shown = Shown(browser, client, url, "", [cookie], project, connection, nowhere)  # type: ignore[list-item]
        yield Encrypted(shown, codec, f"/executions/{key.id}")
    await page.stop()


async def session_of(store: Store, url: str, name: str) -> str:
    """The cookie of a user who signed in with a link."""
    async with store.door() as door:
        user_id = await find_user(door, name)
    assert user_id is not None
    link = await new_sign_in_url(store, user_id=user_id, page=url)
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{url}auth/exchange", json={"token": link.partition("=")[2]})
    return answer.raise_for_status().cookies[session_cookie(is_behind_tls=False)]


@pytest.fixture(autouse=True)
async def well_behaved(encrypted: Encrypted) -> None:
    encrypted.codec.behaviour = "decode"
    encrypted.codec.asked.clear()


async def agree(page: Page, token: str = TOKEN) -> None:
    dialog = page.get_by_role("dialog", name="Decode encrypted values?")
    await dialog.get_by_label("Token for the codec server").fill(token)
    await dialog.get_by_role("button", name="Decode").click()
    await expect(dialog).to_have_count(0)


class TestConsent:
    async def test_nothing_is_sent_before_somebody_agrees(self, encrypted: Encrypted) -> None:
        async with encrypted.shown.opened(encrypted.path + "/values") as page:
            await expect(page.get_by_text("Only the workers’ codec can read it").first).to_be_visible()
            await page.get_by_role("button", name="Decode input…").click()
            dialog = page.get_by_role("dialog", name="Decode encrypted values?")
            await expect(dialog).to_contain_text(encrypted.codec.address)
            await dialog.get_by_role("button", name="Not now").click()
            await expect(dialog).to_have_count(0)
            assert CARD not in await page.inner_text("body")
        assert encrypted.codec.asked == []

    async def test_escape_is_a_no(self, encrypted: Encrypted) -> None:
        async with encrypted.shown.opened(encrypted.path + "/values") as page:
            await page.get_by_role("button", name="Decode input…").click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("dialog")).to_have_count(0)
        assert encrypted.codec.asked == []

    async def test_then_input_memo_and_error_can_be_read_and_say_so(self, encrypted: Encrypted) -> None:
        async with encrypted.shown.opened(encrypted.path + "/values") as page:
            await expect(page.get_by_test_id("headline")).to_contain_text("its message is encrypted")
            await page.get_by_role("button", name="Decode input…").click()
            await agree(page)
            await expect(page.get_by_role("region", name="input")).to_contain_text(CARD)
            await expect(page.get_by_role("region", name="customer")).to_contain_text(CARD)
            await expect(page.get_by_role("region", name="details")).to_contain_text(CARD)
            await expect(page.locator(".failure-message")).to_have_text(f"declined {CARD}")
            await expect(page.get_by_text(f"caused by TimeoutError: no answer for {CARD}")).to_be_visible()
            await expect(page.get_by_test_id("headline")).to_contain_text(f"Declined, declined {CARD}")
            await expect(page.get_by_text("decoded by codec server").first).to_be_visible()

    async def test_one_yes_is_enough_for_every_step_and_a_reload(self, encrypted: Encrypted) -> None:
        async with encrypted.shown.opened(encrypted.path) as page:
            await page.get_by_role("link", name="Go to the step").click()
            step = page.get_by_role("complementary", name="Step")
            await step.get_by_role("button", name="Decode the error…").click()
            await agree(page)
            await expect(step).to_contain_text(f"declined {CARD}")
            await expect(step.get_by_role("region", name="input 1")).to_contain_text(CARD)
            await expect(step.get_by_role("region", name="input 2")).to_contain_text(str(2**64))
            await page.get_by_role("link", name="cards.check").click()
            await step.get_by_role("tab", name="Output").click()
            await expect(step.get_by_role("region", name="output")).to_contain_text(f"checked {CARD}")
            await page.reload()
            await expect(page.get_by_test_id("headline")).to_contain_text(f"declined {CARD}")
            assert TOKEN not in page.url

    async def test_another_tab_has_to_ask_again(self, encrypted: Encrypted) -> None:
        async with encrypted.shown.opened(encrypted.path + "/values") as page:
            await page.get_by_role("button", name="Decode input…").click()
            await agree(page)
            await expect(page.get_by_role("region", name="input")).to_contain_text(CARD)
            other = await page.context.new_page()
            await other.goto(page.url)
            await expect(other.get_by_role("button", name="Decode input…")).to_be_visible()
            assert CARD not in await other.inner_text("body")

    async def test_stopping_hides_everything_again(self, encrypted: Encrypted) -> None:
        async with encrypted.shown.opened(encrypted.path + "/values") as page:
            await page.get_by_role("button", name="Decode input…").click()
            await agree(page)
            await expect(page.get_by_role("region", name="input")).to_contain_text(CARD)
            await page.get_by_role("button", name="stop decoding").click()
            await expect(page.get_by_role("button", name="Decode input…")).to_be_visible()
            assert CARD not in await page.inner_text("body")
            assert await page.evaluate("sessionStorage.length") == 0


class TestTrouble:
    async def test_a_wrong_token_is_a_sentence_and_another_can_be_given(self, encrypted: Encrypted) -> None:
        async with encrypted.shown.opened(encrypted.path + "/values") as page:
            await page.get_by_role("button", name="Decode input…").click()
            await agree(page, "wrong")
            await expect(page.get_by_role("alert").first).to_contain_text("refuses the token (403)")
            await page.get_by_role("button", name="Use another token").first.click()
            await agree(page)
            await expect(page.get_by_role("region", name="input")).to_contain_text(CARD)

    async def test_a_codec_server_that_fails_leaves_the_page_as_it_was(self, encrypted: Encrypted) -> None:
        encrypted.codec.behaviour = "few"
        async with encrypted.shown.opened(encrypted.path + "/values") as page:
            await page.get_by_role("button", name="Decode input…").click()
            await agree(page)
            await expect(page.get_by_role("alert").first).to_contain_text("Nothing is shown")
            await expect(page.get_by_test_id("headline")).to_contain_text("cards.charge")
            encrypted.codec.behaviour = "decode"
            await page.get_by_role("button", name="Try again").first.click()
            await expect(page.get_by_role("region", name="input")).to_contain_text(CARD)

    async def test_a_run_that_could_not_be_decoded_at_sync_says_why(self, encrypted: Encrypted, bench: Bench) -> None:
        key = ExecutionKey(bench.connection.project_id, UUID(encrypted.path.rpartition("/")[2]))
        async with bench.store.write() as writer:
            await mark_undecoded(writer, [(key, bench.connection.id, "The codec server is asleep.")])
        try:
            async with encrypted.shown.opened(encrypted.path) as page:
                await expect(page.get_by_text("Not decoded yet.")).to_be_visible()
                await expect(page.get_by_text("The codec server is asleep.")).to_be_visible()
        finally:
            async with bench.store.write() as writer:
                await forget_undecoded(writer, key)


class TestLook:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1280, 390])
    async def test_every_state_is_accessible_and_fits(self, encrypted: Encrypted, scheme: Scheme, width: int) -> None:
        async with encrypted.shown.opened(encrypted.path + "/values", scheme=scheme, width=width) as page:
            await expect(page.get_by_role("button", name="Decode input…")).to_be_visible()
            await self._looks_well(page)
            await page.get_by_role("button", name="Decode input…").click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            await self._looks_well(page)
            await agree(page, "wrong")
            await expect(page.get_by_role("alert").first).to_be_visible()
            await self._looks_well(page)
            await page.get_by_role("button", name="Use another token").first.click()
            await agree(page)
            await expect(page.get_by_role("region", name="input")).to_contain_text(CARD)
            await self._looks_well(page)

    async def _looks_well(self, page: Page) -> None:
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)
