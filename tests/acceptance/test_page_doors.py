"""The doors of a Watchglass that others reach, in a real browser: with an OpenID provider, and behind TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Response, expect
from tests.acceptance.certificates import Authority
from tests.acceptance.running import Running, clean_environment
from tests.acceptance.shown import Shown, is_wider_than_the_screen, violations
from tests.acceptance.tls_proxy import TlsProxy
from tests.oidc.provider import provider

from watchglass.auth.tries import OIDC_PER_ADDRESS
from watchglass.cli.database import with_login
from watchglass.cli.running import running_on
from watchglass.embedded.cluster import SUPERUSER
from watchglass.embedded.ports import free_port
from watchglass.embedded.postgres import PASSWORD_FILE

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

NAME = "watchglass.localhost"
"""Browsers take every name below `localhost` for this machine, without asking anybody."""
CALLBACK = "/auth/oidc/callback"
PASSWORD = "four unrelated words"
FROM = "203.0.113.9"
"""Whom the proxy says the requests are from."""


@dataclass(frozen=True)
class Doors:
    """Two `api` beside a running `up`: one that is reached as it is, and one behind a proxy that ends TLS."""

    browser: Browser
    plain: str
    secure: str
    data_dir: Path
    authority: str
    proxy: TlsProxy

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[BrowserContext]:
        context = await self.browser.new_context(
            viewport={"width": 1280, "height": 860}, locale="en-US", ignore_https_errors=True
        )
        # The provider's pages want a font of a site that a test does not ask.
        await context.route("https://fonts.googleapis.com/**", lambda route: route.abort())
        yield context
        await context.close()

    @asynccontextmanager
    async def program(self) -> AsyncIterator[httpx.AsyncClient]:
        """One that trusts nobody but the authority."""
        address = f"https://127.0.0.1:{urlsplit(self.secure).port}"
        async with httpx.AsyncClient(
            verify=ssl.create_default_context(cadata=self.authority), base_url=address, timeout=20
        ) as program:
            yield program

    async def ask(
        self, program: httpx.AsyncClient, path: str, *, host: str | None = None, **headers: str
    ) -> httpx.Response:
        named = {"host": host or urlsplit(self.secure).netloc, **headers}
        return await program.get(path, headers=named, extensions={"sni_hostname": NAME})

    async def execute(self, statement: str) -> None:
        """Have the database's administrator do something that takes months otherwise, or that no page does."""
        running = running_on(self.data_dir)
        assert running is not None
        password = (self.data_dir / PASSWORD_FILE).read_text().strip()
        connection = await asyncpg.connect(with_login(running.login_url, SUPERUSER, password))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def doors(shown: Shown) -> AsyncIterator[Doors]:
    plain_port, behind_port = free_port(), free_port()
    authority = Authority("the proxy's")
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(TlsProxy(authority.issue("page", host=NAME), behind=behind_port))
        proxy.client = FROM
        plain, secure = f"http://127.0.0.1:{plain_port}", f"https://{NAME}:{proxy.port}"
        running = provider(plain + CALLBACK, secure + CALLBACK, port=free_port())
        issuer = await asyncio.to_thread(stack.enter_context, running)
        environment = clean_environment(
            WATCHGLASS_OIDC_ISSUER=issuer,
            WATCHGLASS_OIDC_CLIENT_ID="watchglass",
            WATCHGLASS_OIDC_CLIENT_SECRET="the secret of a client",
            WATCHGLASS_OIDC_NAME="Example",
            WATCHGLASS_OIDC_ALLOWED_DOMAINS="example.test",
            WATCHGLASS_OIDC_ADMIN_CLAIM="groups=watchglass-admins",
            WATCHGLASS_LOG_LEVEL="debug",
        )
        beside = ("--data-dir", str(shown.data_dir), "--port")
        behind = ("--behind-tls", "--allowed-host", NAME, "--trusted-proxy", "127.0.0.1")
        one = stack.enter_context(Running(*beside, str(plain_port), env=environment, command="api"))
        other = stack.enter_context(Running(*beside, str(behind_port), *behind, env=environment, command="api"))
        for api in (one, other):
            await asyncio.to_thread(api.wait_for, "serving")
        yield Doors(shown.browser, plain, secure, shown.data_dir, authority.certificate, proxy)


async def to_the_provider(page: Page, address: str) -> None:
    await page.goto(address)
    await page.get_by_role("link", name="Sign in with Example").click()
    await expect(page.get_by_placeholder("Enter any login")).to_be_visible()


async def agree(page: Page, person: str) -> None:
    """Sign in at the provider, and let Watchglass know who one is."""
    await page.get_by_placeholder("Enter any login").fill(person)
    await page.get_by_placeholder("and password").fill("any")
    await page.get_by_role("button", name="Sign-in").click()
    await page.get_by_role("button", name="Continue").click()


async def is_told(page: Page, sentence: str) -> None:
    """On the sign-in page, from where one can begin again."""
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.get_by_role("alert")).to_contain_text(sentence)
    await expect(page.get_by_role("link", name="Sign in with Example")).to_be_visible()
    assert "#" not in page.url, "the reason leaves the address bar"


async def test_with_a_provider_from_the_button_to_the_page(doors: Doors) -> None:
    async with doors.visitor() as visitor:
        page = await visitor.new_page()
        await page.goto(f"{doors.plain}/account")
        for scheme, width in (("light", 1280), ("dark", 390)):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            await page.set_viewport_size({"width": width, "height": 860})
            await expect(page.get_by_role("link", name="Sign in with Example")).to_be_visible()
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)
        await to_the_provider(page, doors.plain)
        await agree(page, "ada")
        await page.get_by_role("link", name="Account of ada").click()
        await expect(page.get_by_role("region", name="Browsers")).to_contain_text("signed in with single sign-on")
        names = {cookie["name"]: cookie for cookie in await visitor.cookies(doors.plain)}
        assert names["watchglass_session"]["httpOnly"] and "watchglass_oidc" not in names


async def test_who_does_not_come_in_is_told_why(doors: Doors) -> None:
    async with doors.visitor() as visitor:
        page = await visitor.new_page()
        # The provider says no, because the person does.
        await to_the_provider(page, doors.plain)
        await page.get_by_role("link", name="Cancel").click()
        await is_told(page, "Signing in was cancelled there.")
        # Nobody knows the person here.
        await to_the_provider(page, doors.plain)
        await agree(page, "carol")
        await is_told(page, "You are not invited to this Watchglass.")
        assert "watchglass_session" not in {cookie["name"] for cookie in await visitor.cookies(doors.plain)}
    async with doors.visitor() as visitor:
        page = await visitor.new_page()
        await to_the_provider(page, doors.plain)
        await agree(page, "mallory")
        await is_told(page, "The provider does not say that your e-mail address is verified.")
    async with doors.visitor() as visitor:
        page = await visitor.new_page()
        # An answer that this browser never asked for, and one without its state.
        await page.goto(f"{doors.plain}{CALLBACK}?code=somebodys&state=somebodys")
        await is_told(page, "Signing in took more than ten minutes, or began in another browser.")
        await to_the_provider(page, doors.plain)
        await page.goto(f"{doors.plain}{CALLBACK}?code=somebodys")
        await is_told(page, "The provider’s answer could not be used.")
        # The browser has lost its half of the sign-in meanwhile; then the server's half is too old.
        await to_the_provider(page, doors.plain)
        await visitor.clear_cookies(name="watchglass_oidc")
        await agree(page, "bob")
        await is_told(page, "Signing in took more than ten minutes, or began in another browser.")
    async with doors.visitor() as visitor:
        page = await visitor.new_page()
        await to_the_provider(page, doors.plain)
        await doors.execute("UPDATE oidc_sign_ins SET expires_at = now()")
        await agree(page, "bob")
        await is_told(page, "Signing in took more than ten minutes, or began in another browser.")
        assert await violations(page) == []
        await page.get_by_role("link", name="Sign in with Example").click()
        await page.get_by_role("link", name="Account of bob").click()


async def test_who_is_disabled_is_told_so(doors: Doors) -> None:
    async with doors.visitor() as visitor:
        page = await visitor.new_page()
        await to_the_provider(page, doors.plain)
        await agree(page, "known")
        await page.get_by_role("button", name="Sign out known").click()
        await doors.execute("UPDATE users SET disabled_at = now() WHERE name = 'known'")
        await page.get_by_role("link", name="Sign in with Example").click()
        await is_told(page, "Your account here is disabled.")


async def test_behind_tls_from_the_address_to_the_log(doors: Doors) -> None:
    async with doors.visitor() as visitor:
        page = await visitor.new_page()
        answers: list[Response] = []
        page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 (Playwright marks what it is given)
        await to_the_provider(page, doors.secure)
        await agree(page, "ada")
        await page.get_by_role("link", name="Account of ada").click()
        # From where the proxy says, as far as it is kept.
        await expect(page.get_by_role("region", name="Browsers")).to_contain_text("from 203.0.113.0/24")

        asked = next(query for answer in answers if "state" in (query := parse_qs(urlsplit(answer.url).query)))
        assert asked["redirect_uri"] == [doors.secure + CALLBACK]
        back = next(answer for answer in answers if answer.url.startswith(doors.secure + CALLBACK))
        given = await back.headers_array()
        set_cookies = [header["value"] for header in given if header["name"].lower() == "set-cookie"]
        session = next(line for line in set_cookies if line.startswith("__Host-session="))
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(session.split("; "))
        assert "Domain" not in session
        kept = {cookie["name"]: cookie for cookie in await visitor.cookies(doors.secure)}
        assert set(kept) == {"__Host-session"}, "the provider's half is over"
        assert (kept["__Host-session"]["secure"], kept["__Host-session"]["httpOnly"]) == (True, True)
        assert await page.evaluate("document.cookie") == ""
        own = [answer for answer in answers if answer.url.startswith(doors.secure)]
        assert {await answer.header_value("strict-transport-security") for answer in own} == {"max-age=31536000"}

        await page.get_by_role("link", name="People").first.click()
        await page.get_by_role("button", name="Add a person").click()
        form = page.get_by_role("form", name="New person")
        await form.get_by_label("Name").fill("tess")
        await form.get_by_label("First password").fill(PASSWORD)
        await form.get_by_role("button", name="Add the person").click()
        await expect(page.get_by_role("listitem", name="tess")).to_contain_text("signs in with a password")
        await page.get_by_role("button", name="Sign out ada").click()
        form = page.get_by_role("form", name="Sign in")
        await form.get_by_label("Name").fill("tess")
        await form.get_by_label("Password").fill(PASSWORD)
        await form.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("link", name="Account of tess")).to_be_visible()
        again = {cookie["name"]: cookie["value"] for cookie in await visitor.cookies(doors.secure)}
        assert set(again) == {"__Host-session"} and again != {"__Host-session": kept["__Host-session"]["value"]}
        # Who manages nobody has no way there, and is told so.
        await page.goto(f"{doors.secure}/people/log")
        await expect(page.get_by_role("alert")).to_contain_text("administrators")
        await doors.execute("DELETE FROM users WHERE name = 'tess'")
    async with doors.visitor() as visitor:
        page = await visitor.new_page()
        await to_the_provider(page, doors.secure)
        await agree(page, "ada")
        await page.get_by_role("link", name="People").first.click()
        await page.get_by_role("link", name="Log").click()
        lines = page.get_by_role("list", name="Log").get_by_role("listitem")
        await expect(lines.filter(has_text="tess signed in with the password")).to_contain_text("from 203.0.113.0/24")
        await expect(lines.filter(has_text="ada added tess")).to_have_count(1)
        await expect(lines.filter(has_text="Single sign-on let in for the first time ada")).to_have_count(1)
        await page.get_by_role("combobox", name="What", exact=True).select_option("Tokens")
        await expect(lines.filter(has_text="Somebody at the command line made the token").first).to_be_visible()
        await expect(lines.filter(has_text="signed in")).to_have_count(0)
        for scheme, width in (("light", 1280), ("dark", 390)):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            await page.set_viewport_size({"width": width, "height": 860})
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)


async def test_behind_tls_no_other_name_is_answered(doors: Doors) -> None:
    async with doors.visitor() as visitor:
        page = await visitor.new_page()
        for path in ("/", "/auth/oidc", "/trpc/session.ways"):
            answer = await page.goto(doors.secure.replace(NAME, f"another.{NAME}") + path)
            assert answer is not None and answer.status == 421
            assert "Watchglass does not answer under this host name." in await answer.text()
    # A program that checks the certificate, and names one host to TLS and another to the page.
    async with doors.program() as program:
        for host, status in ((urlsplit(doors.secure).netloc, 200), ("rebound.example", 421), ("127.0.0.1", 200)):
            answered = await doors.ask(program, "/", host=host)
            assert answered.status_code == status, host
            assert answered.headers["strict-transport-security"] == "max-age=31536000"


async def test_behind_tls_each_address_has_its_own_share_of_beginnings(doors: Doors) -> None:
    doors.proxy.client = "198.51.100.7"
    try:
        async with doors.visitor() as visitor:
            page = await visitor.new_page()
            await page.goto(doors.secure)
            async with doors.program() as program:
                for _ in range(OIDC_PER_ADDRESS.amount):
                    assert (await doors.ask(program, "/auth/oidc")).status_code == 303
                # Who says of themselves where they are from is not believed.
                refused = await doors.ask(program, "/auth/oidc", **{"x-forwarded-for": "198.51.100.8"})
                assert refused.status_code == 429
            await page.get_by_role("link", name="Sign in with Example").click()
            await is_told(page, "Signing in was begun or refused too often from here.")
            doors.proxy.client = "198.51.100.8"
            await to_the_provider(page, doors.secure)
    finally:
        doors.proxy.client = FROM
