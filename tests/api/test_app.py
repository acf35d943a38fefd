"""Sign-in, guards and the page, through the application as it is served."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
import pytest_asyncio
from tests.api.seeded import dependencies, open_parts
from tests.databases import Database

from watchglass.api.app import create_app
from watchglass.auth.credential import session_cookie
from watchglass.auth.secret import hash_secret, new_secret, new_token
from watchglass.auth.sign_in import new_sign_in_url
from watchglass.auth.tokens import create_token
from watchglass.store.scope import Store
from watchglass.store.sign_in_links import issue_link
from watchglass.store.users import ensure_user

PAGE = "http://127.0.0.1:8780/"
SESSION_COOKIE = session_cookie(is_behind_tls=False)


@pytest.fixture(scope="module")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text('<meta name="csp-nonce" content="__CSP_NONCE__"><p>the page</p>')
    (folder / "assets" / "main-abc.js").write_text("'plain'")
    (folder / "assets" / "main-abc.js.br").write_bytes(b"brotli")
    (folder / "assets" / "main-abc.js.gz").write_bytes(b"gzip")
    (folder / "favicon.svg").write_text("<svg/>")
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(store: Store, page_folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(dependencies(open_parts(store)), page_folder=page_folder)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PAGE) as opened:
        yield opened


@pytest_asyncio.fixture(autouse=True)
async def without_cookies(client: httpx.AsyncClient) -> None:
    client.cookies.clear()


async def new_link(store: Store) -> str:
    async with store.door() as door:
        user_id = await ensure_user(door, "ada")
    url = await new_sign_in_url(store, user_id=user_id, page=PAGE)
    return url.removeprefix(f"{PAGE}#sign-in=")


async def exchange(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/auth/exchange", json={"token": token})


async def who(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await client.get("/trpc/session.me", headers=headers)


class TestSignIn:
    async def test_a_link_opens_the_door_once(self, client: httpx.AsyncClient, store: Store) -> None:
        token = await new_link(store)
        assert (await exchange(client, token)).status_code == 204
        me = await who(client)
        assert me.json()["result"]["data"]["name"] == "ada"
        assert me.json()["result"]["data"]["method"] == "session"
        client.cookies.clear()
        assert (await exchange(client, token)).status_code == 401
        assert (await who(client)).status_code == 401

    async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
        self, client: httpx.AsyncClient, store: Store
    ) -> None:
        cookie = (await exchange(client, await new_link(store))).headers["set-cookie"]
        assert cookie.startswith(f"{SESSION_COOKIE}=")
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie and "Secure" not in cookie

    async def test_an_old_link_opens_nothing(self, client: httpx.AsyncClient, store: Store) -> None:
        secret = new_secret()
        async with store.door() as door:
            user_id = await ensure_user(door, "ada")
            await issue_link(door, secret_hash=hash_secret(secret), user_id=user_id, lifetime=timedelta(microseconds=1))
        assert (await exchange(client, secret)).status_code == 401

    async def test_what_is_no_link_is_refused(self, client: httpx.AsyncClient) -> None:
        for body in (b"", b"{}", b"[]", b'{"token": 1}', b'{"token": "x", "more": 1}', b"x" * 5000):
            answer = await client.post("/auth/exchange", content=body, headers={"content-type": "application/json"})
            assert answer.status_code == 400, body
            assert answer.headers["content-type"] == "application/problem+json"
        assert (await client.post("/auth/exchange", content=b"{}")).status_code == 415
        assert (await exchange(client, "never-issued")).status_code == 401

    async def test_signing_out_ends_the_session_at_once(self, client: httpx.AsyncClient, store: Store) -> None:
        await exchange(client, await new_link(store))
        out = await client.post("/trpc/session.signOut", headers={"content-type": "application/json"})
        assert out.json() == {"result": {"data": {"signedOut": True}}}
        assert (await who(client)).status_code == 401

    async def test_a_bearer_token_signs_in_and_a_wrong_one_is_not_saved_by_the_cookie(
        self, client: httpx.AsyncClient, store: Store
    ) -> None:
        await exchange(client, await new_link(store))
        token = await create_token(store, user="ada", name="script")
        assert (await who(client, authorization=f"Bearer {token}")).json()["result"]["data"]["method"] == "token"
        for wrong in (f"Bearer {new_token()}", f"Bearer {token[:-1]}", f"Basic {token}", "Bearer", ""):
            assert (await who(client, authorization=wrong)).status_code == 401, wrong

    async def test_the_database_holds_no_secret(
        self, client: httpx.AsyncClient, store: Store, database: Database
    ) -> None:
        link = await new_link(store)
        token = await create_token(store, user="ada", name="script")
        session = (await exchange(client, link)).cookies[SESSION_COOKIE]
        admin = await asyncpg.connect(database.admin_url)
        tables = ("sign_in_links", "api_tokens", "sessions")
        kept = [repr(row) for table in tables for row in await admin.fetch(f"SELECT * FROM {table}")]
        await admin.close()
        assert len(kept) >= 3
        assert not any(secret in row for secret in (link, token, session) for row in kept)


class TestGuards:
    @pytest.mark.parametrize("host", ["evil.test", "evil.test:8780", "127.0.0.1.evil.test", "", "127.0.0.2"])
    @pytest.mark.parametrize("path", ["/", "/trpc/session.me", "/healthz", "/auth/exchange"])
    async def test_other_host_names_are_misdirected(self, client: httpx.AsyncClient, host: str, path: str) -> None:
        assert (await client.get(path, headers={"host": host})).status_code == 421

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8780", "LOCALHOST", "[::1]:8780", "[::1]"])
    async def test_its_own_names_are_answered(self, client: httpx.AsyncClient, host: str) -> None:
        assert (await client.get("/healthz", headers={"host": host})).status_code == 200

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"sec-fetch-site": "cross-site"}, 403),
            ({"sec-fetch-site": "same-site"}, 403),
            ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8780"}, 403),
            ({"origin": "http://evil.test"}, 403),
            ({"origin": "null"}, 403),
            ({"origin": "http://127.0.0.1:9999"}, 403),
            ({"sec-fetch-site": "same-origin"}, 401),
            ({"sec-fetch-site": "none"}, 401),
            ({"origin": "http://127.0.0.1:8780"}, 401),
            ({}, 401),
        ],
    )
    async def test_posts_from_other_sites_go_nowhere(
        self, client: httpx.AsyncClient, headers: dict[str, str], status: int
    ) -> None:
        sent = headers | {"content-type": "application/json"}
        assert (await client.post("/trpc/session.signOut", headers=sent)).status_code == status

    async def test_every_answer_carries_the_headers(self, client: httpx.AsyncClient) -> None:
        for path in ("/", "/trpc/session.me", "/trpc/nothing", "/healthz", "/assets/none.js", "/favicon.svg"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert headers["content-security-policy"].startswith("default-src 'none'")

    async def test_answers_of_the_api_are_not_kept(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/trpc/session.me")).headers["cache-control"] == "no-store"

    async def test_a_body_beyond_the_limit_is_refused(self, client: httpx.AsyncClient) -> None:
        answer = await client.post(
            "/trpc/execution.resolve", content=b" " * (2**20 + 1), headers={"content-type": "application/json"}
        )
        assert answer.status_code == 413
        assert answer.json()["error"]["data"]["code"] == "PAYLOAD_TOO_LARGE"


class TestPage:
    @pytest.mark.parametrize("path", ["/", "/projects/1", "/t/c/w%2Fx/r", "/t/c/a%0D%0Ab/r"])
    async def test_every_place_is_the_page_with_a_nonce_of_its_own(self, client: httpx.AsyncClient, path: str) -> None:
        first, second = await client.get(path), await client.get(path)
        nonces = []
        for answer in (first, second):
            nonce = answer.text.split('content="')[1].split('"')[0]
            assert f"style-src 'self' 'nonce-{nonce}'" in answer.headers["content-security-policy"]
            assert "require-trusted-types-for 'script'" in answer.headers["content-security-policy"]
            assert answer.headers["cache-control"] == "no-store"
            nonces.append(nonce)
        assert nonces[0] != nonces[1]

    @pytest.mark.parametrize(
        ("accepted", "encoding", "body"),
        [("gzip, br", "br", b"brotli"), ("gzip", "gzip", b"gzip"), ("identity", None, b"'plain'")],
    )
    async def test_assets_are_kept_for_ever_and_sent_as_compressed_at_build_time(
        self, client: httpx.AsyncClient, accepted: str, encoding: str | None, body: bytes
    ) -> None:
        request = client.build_request("GET", "/assets/main-abc.js", headers={"accept-encoding": accepted})
        answer = await client.send(request, stream=True)
        raw = b"".join([part async for part in answer.aiter_raw()])
        assert (answer.headers.get("content-encoding"), raw) == (encoding, body)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].startswith("text/javascript")

    async def test_no_path_leads_out_of_the_folder(self, client: httpx.AsyncClient) -> None:
        for path in ("/assets/..%2f..%2fetc/passwd", "/assets/%2e%2e/index.html", "/assets/none.js"):
            assert (await client.get(path)).status_code == 404

    @pytest.mark.parametrize("path", ["/api", "/api/", "/api/v2/projects", "/metrics/x", "/trpc/a%0Ab"])
    async def test_what_programs_ask_for_by_habit_is_not_answered_with_the_page(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
        assert answer.json()["message"].startswith("There is nothing under this path.")

    async def test_a_place_that_only_begins_alike_is_the_page(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/apiary")).headers["content-type"].startswith("text/html")

    async def test_a_page_that_was_not_built_says_so(self, store: Store, tmp_path: Path) -> None:
        app = create_app(dependencies(open_parts(store)), page_folder=tmp_path)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PAGE) as bare:
            assert (await bare.get("/")).status_code == 503


class TestHealth:
    async def test_it_is_ready_while_the_database_answers(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/readyz")).status_code == 200
