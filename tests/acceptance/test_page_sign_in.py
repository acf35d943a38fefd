"""Signing in, the account and the people of an installation, as somebody does it in a real browser.

Everything that the browser sends and that Watchglass logs meanwhile is looked through for what opens the door.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Request, expect
from tests.acceptance.running import Running, clean_environment
from tests.acceptance.shown import is_wider_than_the_screen, violations
from tests.servers import make_shared_directory

from watchglass.embedded.ports import free_port

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

PASSWORD = "four unrelated words"


@dataclass
class Installation:
    """A fresh `up` with the browsers that visit it."""

    browser: Browser
    running: Running
    ready: dict[str, Any]
    sent: list[str] = field(default_factory=list)
    """Every address that was asked for, and every Referer."""
    secrets: set[str] = field(default_factory=set)

    async def visitor(self) -> BrowserContext:
        context = await self.browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-US")
        context.on("request", self._note)
        return context

    def at(self, path: str) -> str:
        return str(self.ready["url"]).rstrip("/") + path

    def _note(self, request: Request) -> None:
        # The fragment stays in the browser.
        self.sent.append(urlsplit(request.url)._replace(fragment="").geturl())
        self.sent.append(request.headers.get("referer", ""))


@pytest_asyncio.fixture(loop_scope="session")
async def installation(browser: Browser) -> AsyncIterator[Installation]:
    directory = make_shared_directory()
    arguments = ("--data-dir", str(directory), "--port", str(free_port()), "--no-demo")
    environment = clean_environment(WATCHGLASS_LOG_LEVEL="debug")
    with Running(*arguments, env=environment) as running:
        ready = await asyncio.to_thread(running.wait_for, "ready")
        yield Installation(browser, running, ready)
    shutil.rmtree(directory)


async def looks_right(page: Page) -> None:
    """At both widths and in both colours."""
    for scheme, width in (("light", 1280), ("dark", 390)):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.set_viewport_size({"width": width, "height": 860})
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": 1280, "height": 860})


async def sign_in(page: Page, name: str, password: str) -> None:
    form = page.get_by_role("form", name="Sign in")
    await form.get_by_label("Name").fill(name)
    await form.get_by_label("Password").fill(password)
    await form.get_by_role("button", name="Sign in").click()


async def test_from_the_first_link_to_the_last_try(installation: Installation) -> None:
    here = await installation.visitor()
    page = await here.new_page()
    await page.goto(installation.at("/account"))
    # Nobody has a password yet: the link is the only way, and no form offers another.
    await expect(page.get_by_text("watchglass sign-in-link")).to_be_visible()
    await expect(page.get_by_role("form", name="Sign in")).to_have_count(0)
    await looks_right(page)

    await page.goto(installation.ready["sign_in_url"])
    await page.get_by_role("link", name="Account of owner").click()
    await looks_right(page)
    form = page.get_by_role("form", name="Password")
    await form.get_by_label("New password").fill("short")
    await form.get_by_role("button", name="Set the password").click()
    await expect(form.get_by_role("alert")).to_contain_text("fewer than 12 characters")
    await form.get_by_label("New password").fill(PASSWORD)
    await form.get_by_role("button", name="Set the password").click()
    await expect(form.get_by_role("status")).to_contain_text("Your password is set")
    await expect(form.get_by_label("Current password")).to_be_visible()

    token = await make_a_token(installation, page)
    await sign_out_elsewhere(installation, page)
    await let_somebody_in(page)
    await told_where_one_may_connect(installation, page)
    await too_many_tries(installation, page)

    link = urlsplit(installation.ready["sign_in_url"]).fragment.removeprefix("sign-in=")
    installation.secrets |= {token, PASSWORD, installation.ready["token"], link}
    installation.secrets |= {cookie["value"] for cookie in await here.cookies()}
    await here.close()
    assert len(installation.secrets) >= 5 and all(len(secret) >= 12 for secret in installation.secrets)
    told = [line for line in installation.running.lines if '"event": "ready"' not in line]
    assert len(told) > 5 and len(installation.sent) > 40
    for line in [*installation.sent, *told]:
        assert not any(secret in line for secret in installation.secrets), line


async def make_a_token(installation: Installation, page: Page) -> str:
    tokens = page.get_by_role("region", name="API tokens")
    await tokens.get_by_role("button", name="New token").click()
    form = tokens.get_by_role("form", name="New token")
    await form.get_by_label("What it is for").fill("nightly report")
    await form.get_by_label("In which projects").select_option("Local")
    await form.get_by_role("button", name="Make the token").click()
    token = await tokens.get_by_role("status").locator("code").inner_text()
    assert token.startswith("wg_")
    await looks_right(page)
    await page.reload()
    await expect(tokens.get_by_text("may read, in Local")).to_be_visible()
    assert token not in await page.content()
    answer = await page.context.request.get(
        installation.at("/trpc/project.list"), headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status == 200
    await tokens.get_by_role("button", name="Revoke nightly report").click()
    await tokens.get_by_role("button", name="Revoke it").click()
    await expect(tokens.get_by_text("nightly report")).to_have_count(0)
    answer = await page.context.request.get(
        installation.at("/trpc/project.list"), headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status == 401
    return token


async def sign_out_elsewhere(installation: Installation, page: Page) -> None:
    there = await installation.visitor()
    other = await there.new_page()
    await other.goto(installation.at("/account"))
    await expect(other.get_by_role("form", name="Sign in")).to_be_visible()
    await looks_right(other)
    await sign_in(other, "owner", "not the password")
    await expect(other.get_by_role("alert")).to_have_text("The name or the password is not right.")
    await sign_in(other, "owner", PASSWORD)
    await expect(other.get_by_role("heading", name="Browsers")).to_be_visible()
    installation.secrets |= {cookie["value"] for cookie in await there.cookies()}
    await page.reload()
    browsers = page.get_by_role("region", name="Browsers")
    await browsers.get_by_role("button", name="Sign out everywhere else").click()
    await expect(browsers.get_by_role("button")).to_have_count(0)
    # Whatever it asks next is refused, and the page says so.
    await other.get_by_role("link", name="All projects").first.click()
    await expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    await there.close()


async def let_somebody_in(page: Page) -> None:
    await page.get_by_role("link", name="People").first.click()
    await page.get_by_role("button", name="Add a person").click()
    form = page.get_by_role("form", name="New person")
    await form.get_by_label("Name").fill("ada")
    await form.get_by_label("First password").fill(PASSWORD)
    await looks_right(page)
    await form.get_by_role("button", name="Add the person").click()
    ada = page.get_by_role("listitem", name="ada")
    await expect(ada).to_contain_text("signs in with a password")
    await ada.get_by_role("button", name="Disable ada").click()
    await expect(ada).to_contain_text("disabled")
    await ada.get_by_role("button", name="Let in ada").click()
    await expect(ada.get_by_role("button", name="Disable ada")).to_be_visible()
    await ada.get_by_role("button", name="Set the password of ada").click()
    await expect(ada.get_by_role("form")).to_contain_text("their API tokens end")
    await looks_right(page)


async def told_where_one_may_connect(installation: Installation, page: Page) -> None:
    """Before anything is typed, and nobody who may connect whatever there is."""
    there = await installation.visitor()
    other = await there.new_page()
    await other.goto(installation.at("/new-project"))
    await sign_in(other, "ada", PASSWORD)
    place = other.get_by_role("group", name="Where it is")
    await expect(place.get_by_role("note")).to_contain_text("You can connect *.tmprl.cloud and *.api.temporal.io.")
    await expect(place.get_by_role("note")).to_contain_text("ask an administrator of this installation")
    await looks_right(other)
    installation.secrets |= {cookie["value"] for cookie in await there.cookies()}
    await there.close()
    await page.goto(installation.at("/new-project"))
    await expect(page.get_by_role("button", name="Make the project")).to_be_visible()
    await expect(page.get_by_role("link", name="People").first).to_be_visible()
    await expect(page.get_by_role("note")).to_have_count(0)


async def too_many_tries(installation: Installation, page: Page) -> None:
    await page.get_by_role("button", name="Sign out owner").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    for _ in range(10):
        await page.context.request.post(
            installation.at("/auth/sign-in"), data={"name": "nobody", "password": "guessed"}
        )
    await sign_in(page, "owner", PASSWORD)
    await expect(page.get_by_role("alert")).to_contain_text("There were too many tries to sign in. Try again in ")
    await looks_right(page)
