"""What other sites can do to somebody who is signed in: nothing. Every address, every method, every header they
control.

DNS rebinding: every address × host names that are not ours. Cross-site requests: `Sec-Fetch-Site` × `Origin` ×
`Content-Type` × cookie × method. And the headers that every answer carries, whatever it is.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import product
from typing import NoReturn

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message
from tests.api.outside import OWN_HOST, Headers, Report, addresses, ask, is_guarded
from tests.api.seeded import dependencies, open_parts
from tests.databases import make_project

from watchglass.api.app import create_app
from watchglass.api.guards import AnswerHeaders
from watchglass.auth.sign_in import new_sign_in_url
from watchglass.store.scope import Store

HOSTILE_HOSTS = (
    "evil.test",
    "evil.test:8780",
    "127.0.0.1.evil.test",
    "localhost.evil.test:8780",
    "",
    "127.0.0.2",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "[::ffff:127.0.0.1]:8780",
    "127.0.0.1:8780@evil.test",
    "evil.test#127.0.0.1",
    "localhost.",
    "127.0.0.1, evil.test",
    "127.0.0.1:evil",
    "localhost:8780/",
    "１２７.0.0.1".encode().decode("latin-1"),
)
FOREIGN_SITES = (None, "cross-site", "same-site", "Cross-Site", "same-origin, cross-site", "")
FOREIGN_ORIGINS = (
    "http://evil.test",
    "null",
    "http://127.0.0.1:9999",
    "http://localhost:8780",
    "http://127.0.0.1:8780.evil.test",
    "http://evil.test/127.0.0.1:8780",
    "chrome-extension://abcdef",
    "",
)
KINDS = (
    None,
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain; application/json",
    "application/json",
    "application/json; charset=utf-8",
)
METHODS = ("POST", "PUT", "PATCH", "DELETE", "GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class SignedIn:
    app: Starlette
    cookie: str

    def headers(self, **more: str | None) -> Headers:
        """Of a request that a browser sends along with the cookie."""
        given = {"host": OWN_HOST, "cookie": self.cookie} | {key.replace("_", "-"): more[key] for key in more}
        return tuple((name, value) for name, value in given.items() if value is not None)

    async def is_signed_in(self) -> bool:
        return (await ask(self.app, "GET", "/trpc/session.me", self.headers())).status == 200


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def victim(store: Store, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SignedIn]:
    """Somebody with an open session, and a page that has files."""
    folder = tmp_path_factory.mktemp("web")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<p>the page</p>")
    (folder / "assets" / "main.js").write_text("'plain'")
    _, principal = await make_project(store, "Victim", owner="victim")
    url = await new_sign_in_url(store, user_id=principal.user_id, page=f"http://{OWN_HOST}/")
    app = create_app(dependencies(open_parts(store)), page_folder=folder)
    link = json.dumps({"token": url.partition("#sign-in=")[2]}).encode()
    opened = await ask(app, "POST", "/auth/exchange", (("host", OWN_HOST), ("content-type", "application/json")), link)
    assert opened.status == 204, opened
    yield SignedIn(app, opened.headers["set-cookie"].partition(";")[0])


async def projects_of(store: Store) -> int:
    async with store.write() as reader:
        return int(await reader.fetchval("SELECT count(*) FROM projects"))


class TestRebinding:
    async def test_no_address_answers_under_another_name(self, victim: SignedIn) -> None:
        report = Report("DNS rebinding")
        for path, host, method in product(addresses(victim.app), HOSTILE_HOSTS, ("GET", "POST")):
            sent = (("host", host), ("cookie", victim.cookie), ("content-type", "application/json"))
            report.add(f"{method} {path} Host: {host!r}", await ask(victim.app, method, path, sent), allowed={421})
        report.close()

    @pytest.mark.parametrize("hosts", [(), (OWN_HOST, "evil.test"), ("evil.test", OWN_HOST), (OWN_HOST, OWN_HOST)])
    async def test_a_request_has_one_host(self, victim: SignedIn, hosts: tuple[str, ...]) -> None:
        answer = await ask(victim.app, "GET", "/", tuple(("host", host) for host in hosts))
        assert answer.status == 421

    async def test_a_name_that_a_proxy_would_set_changes_nothing(self, victim: SignedIn) -> None:
        for header in ("x-forwarded-host", "forwarded", "x-host", "x-original-host"):
            sent = (("host", "evil.test"), (header, OWN_HOST))
            assert (await ask(victim.app, "GET", "/", sent)).status == 421


class TestCrossSite:
    async def test_every_address_refuses_what_another_site_sends(self, victim: SignedIn, store: Store) -> None:
        before = await projects_of(store)
        report = Report("Cross-site, every address")
        for path, (site, origin), method in product(addresses(victim.app), _foreign(), ("POST", "GET")):
            if method == "GET" and not path.startswith(("/trpc/", "/api/")):
                continue
            sent = victim.headers(sec_fetch_site=site, origin=origin, content_type="application/json")
            report.add(f"{method} {path} {site} {origin}", await ask(victim.app, method, path, sent), allowed={403})
        report.close()
        assert await victim.is_signed_in()
        assert await projects_of(store) == before

    @pytest.mark.parametrize(
        "path",
        [
            "/trpc/session.signOut",
            "/trpc/project.create,project.create?batch=1",
            "/trpc/project.list",
            "/api/v1/project.create",
            "/api/v1/project.list",
            "/auth/exchange",
            "/auth/sign-in",
            "/healthz",
            "/projects/1",
        ],
    )
    async def test_no_method_and_no_kind_of_body_helps(self, victim: SignedIn, path: str) -> None:
        report = Report(f"Cross-site, {path}")
        for (site, origin), kind, method, cookie in product(_foreign(), KINDS, METHODS, (victim.cookie, None)):
            if method in SAFE and not path.startswith(("/trpc/", "/api/")):
                continue
            sent = victim.headers(sec_fetch_site=site, origin=origin, content_type=kind, cookie=cookie)
            asked = f"{method} {site} {origin} {kind}"
            report.add(asked, await ask(victim.app, method, path, sent, b'{"name": "x"}'), allowed={403})
        report.close()
        assert await victim.is_signed_in()

    async def test_what_changes_something_is_json_or_refused(self, victim: SignedIn, store: Store) -> None:
        """Also without any sign of where it comes from, as old browsers sent forms."""
        before = await projects_of(store)
        report = Report("Forms")
        kinds = [kind for kind in KINDS if kind is None or not kind.startswith("application/json")]
        for path, kind, method in product(addresses(victim.app), kinds, ("POST", "PUT", "PATCH", "DELETE")):
            sent = victim.headers(content_type=kind)
            answer = await ask(victim.app, method, path, sent, b'{"name": "x"}')
            report.add(f"{method} {path} {kind}", answer, allowed={404, 405, 415})
        report.close()
        assert await victim.is_signed_in()
        assert await projects_of(store) == before

    async def test_a_preflight_is_never_answered_with_leave(self, victim: SignedIn) -> None:
        report = Report("Preflights")
        for path, origin in product(addresses(victim.app), ("http://evil.test", f"http://{OWN_HOST}")):
            sent = victim.headers(
                origin=origin,
                access_control_request_method="POST",
                access_control_request_headers="content-type, authorization",
                access_control_request_private_network="true",
            )
            report.add(f"{path} {origin}", await ask(victim.app, "OPTIONS", path, sent), allowed={403, 404, 405, 415})
        report.close()

    async def test_the_page_itself_gets_through(self, victim: SignedIn) -> None:
        for site, origin in (("same-origin", f"http://{OWN_HOST}"), ("none", None), (None, f"http://{OWN_HOST}")):
            sent = victim.headers(sec_fetch_site=site, origin=origin, content_type="application/json")
            assert (await ask(victim.app, "POST", "/trpc/project.list", sent, b"")).status == 200

    async def test_a_link_on_another_site_opens_the_page(self, victim: SignedIn) -> None:
        sent = victim.headers(sec_fetch_site="cross-site")
        assert (await ask(victim.app, "GET", "/projects/1", sent)).status == 200


class TestHeaders:
    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE"])
    async def test_every_answer_of_every_address_carries_them(self, victim: SignedIn, method: str) -> None:
        paths = [*addresses(victim.app), "/assets/main.js", "/" + "x" * 20_000, "/trpc/%ff", "/api/v1/%"]
        conditions: tuple[dict[str, str | None], ...] = (
            {},
            {"cookie": None},
            {"if_none_match": "*", "if_modified_since": "Sun, 01 Jan 2040 00:00:00 GMT"},
            {"range": "bytes=0-0"},
            {"range": "bytes=9999-"},
        )
        for path, more in product(paths, conditions):
            answer = await ask(victim.app, method, path, victim.headers(**more), b"")
            assert answer.status < 500, (path, answer.status)
            assert is_guarded(answer), (method, path, answer.status, answer.headers)

    async def test_so_does_the_answer_to_a_bug(self, victim: SignedIn) -> None:
        def broken(_request: Request) -> NoReturn:
            raise RuntimeError("nobody saw this coming")

        app = Starlette(routes=[Route("/", broken)], middleware=[Middleware(AnswerHeaders)])
        answer = await ask(app, "GET", "/", victim.headers())
        assert answer.status == 500
        assert is_guarded(answer)
        assert b"nobody saw" not in answer.body

    async def test_what_another_part_says_is_kept(self) -> None:
        own = Response(headers={"cache-control": "max-age=1"})
        assert (await ask(AnswerHeaders(own), "GET", "/")).headers["cache-control"] == "max-age=1"


class TestWebSockets:
    async def test_none_is_opened(self, victim: SignedIn) -> None:
        for path in ("/", "/trpc/session.me", "/api/v1/session.me", "/ws"):
            sent: list[Message] = []

            async def receive() -> Message:
                return {"type": "websocket.connect"}

            async def send(message: Message, sent: list[Message] = sent) -> None:
                sent.append(message)

            scope = {"type": "websocket", "path": path, "headers": [(b"host", OWN_HOST.encode())], "subprotocols": []}
            async with asyncio.timeout(10):
                await victim.app(scope, receive, send)
            assert [message["type"] for message in sent] == ["websocket.close"]


def _foreign() -> list[tuple[str | None, str | None]]:
    """What browsers send for another site's page: they say the site, the origin, or both."""
    own = f"http://{OWN_HOST}"
    said = [(site, origin) for site in FOREIGN_SITES if site is not None for origin in (None, own, *FOREIGN_ORIGINS)]
    return said + [(None, origin) for origin in FOREIGN_ORIGINS]
