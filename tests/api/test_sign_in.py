"""Passwords, sessions, tokens and people, through the application as it is served."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from tests.api.seeded import dependencies, open_parts
from tests.databases import Database

from watchglass.api import door as api_door
from watchglass.api.app import create_app
from watchglass.auth.credential import session_cookie
from watchglass.auth.people import create_user
from watchglass.auth.sign_in import new_sign_in_url
from watchglass.auth.tokens import create_token
from watchglass.store.scope import Store
from watchglass.store.users import ensure_project

PAGE = "http://127.0.0.1:8780/"
COOKIE = session_cookie(is_behind_tls=False)
PASSWORD = "four unrelated words"
WRONG = {"title": "The name or the password is not right.", "status": 401}


@dataclass(frozen=True)
class Door:
    """The application, with people who each come from a network of their own."""

    store: Store
    app: Any
    admin: asyncpg.Connection

    def browser(self, address: str, *, user_agent: str = "Firefox") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 50_000))
        return httpx.AsyncClient(transport=transport, base_url=PAGE, headers={"user-agent": user_agent})

    async def person(self, *, is_admin: bool = False, password: str | None = PASSWORD) -> str:
        name = f"person-{uuid4().hex[:8]}"
        await create_user(self.store, name=name, email=None, password=password, is_admin=is_admin)
        return name


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def door(store: Store, database: Database) -> AsyncIterator[Door]:
    admin = await asyncpg.connect(database.admin_url)
    yield Door(store, create_app(dependencies(open_parts(store))), admin)
    await admin.close()


async def sign_in(browser: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    return await browser.post("/auth/sign-in", json={"name": name, "password": password})


async def ask(browser: httpx.AsyncClient, procedure: str, **headers: str) -> httpx.Response:
    return await browser.get(f"/trpc/{procedure}", headers=headers)


async def data(browser: httpx.AsyncClient, procedure: str) -> Any:
    answer = await ask(browser, procedure)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]["data"]


async def do(browser: httpx.AsyncClient, procedure: str, **given: Any) -> httpx.Response:
    return await browser.post(f"/trpc/{procedure}", json=given)


async def done(browser: httpx.AsyncClient, procedure: str, **given: Any) -> Any:
    answer = await do(browser, procedure, **given)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]["data"]


class TestPassword:
    async def test_it_opens_the_door(self, door: Door) -> None:
        name = await door.person()
        async with door.browser("192.0.2.1") as browser:
            answer = await sign_in(browser, name)
            assert (answer.status_code, answer.content) == (204, b"")
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith(f"{COOKIE}=") and "HttpOnly" in cookie and "SameSite=lax" in cookie
            me = await data(browser, "session.me")
            assert (me["name"], me["method"], me["isAdmin"]) == (name, "session", False)

    async def test_unknown_people_and_wrong_passwords_get_the_same_answer(self, door: Door) -> None:
        name, disabled = await door.person(), await door.person()
        await door.admin.execute("UPDATE users SET disabled_at = now() WHERE name = $1", disabled)
        without = await door.person(password=None)
        async with door.browser("192.0.2.2") as browser:
            tries = [(name, "wrong"), ("nobody", PASSWORD), (disabled, PASSWORD), (without, PASSWORD)]
            answers = [await sign_in(browser, *each) for each in tries]
        assert [answer.status_code for answer in answers] == [401] * 4
        assert [answer.json() for answer in answers] == [WRONG] * 4
        assert all("set-cookie" not in answer.headers for answer in answers)

    async def test_what_is_no_sign_in_is_refused(self, door: Door) -> None:
        async with door.browser("192.0.2.3") as browser:
            for body in (b"", b"[]", b'{"name": 1, "password": "x"}', b'{"name": "a"}', b"x" * 5000):
                sent = {"content-type": "application/json"}
                answer = await browser.post("/auth/sign-in", content=body, headers=sent)
                assert answer.status_code == 400, body
            assert (await sign_in(browser, "a\0b")).status_code == 400
            assert (await browser.post("/auth/sign-in", data={"name": "a", "password": "b"})).status_code == 415

    async def test_a_hash_of_old_parameters_is_replaced_by_one_of_todays(self, door: Door) -> None:
        name = await door.person()
        old = PasswordHash([Argon2Hasher(time_cost=2, memory_cost=8 * 1024, parallelism=1)]).hash(PASSWORD)
        await door.admin.execute("UPDATE users SET password_hash = $2 WHERE name = $1", name, old)
        async with door.browser("192.0.2.4") as browser:
            assert (await sign_in(browser, name)).status_code == 204
            kept = await door.admin.fetchval("SELECT password_hash FROM users WHERE name = $1", name)
            assert kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
            assert (await sign_in(browser, name)).status_code == 204

    async def test_the_same_letters_of_another_keyboard_are_the_same_password(self, door: Door) -> None:
        name = await door.person(password="caf\u00e9 au lait")
        async with door.browser("192.0.2.5") as browser:
            assert (await sign_in(browser, name, "cafe\u0301 au lait")).status_code == 204

    async def test_it_is_changed_by_who_knows_it_and_every_session_with_it(self, door: Door) -> None:
        name = await door.person()
        async with door.browser("192.0.2.6") as here, door.browser("192.0.2.7") as there:
            for browser in (here, there):
                await sign_in(browser, name)
            before = here.cookies[COOKIE]
            wrong = await do(here, "account.changePassword", current="not this one", new="another four words")
            assert wrong.status_code == 400 and "current password" in wrong.text
            await done(here, "account.changePassword", current=PASSWORD, new="another four words")
            assert here.cookies[COOKIE] != before
            assert (await data(here, "session.me"))["name"] == name
            assert (await ask(there, "session.me")).status_code == 401
            there.cookies.clear()
            there.cookies.set(COOKIE, before)
            assert (await ask(there, "session.me")).status_code == 401
            there.cookies.clear()
            assert (await sign_in(there, name)).status_code == 401
            assert (await sign_in(there, name, "another four words")).status_code == 204

    async def test_ones_own_new_password_ends_tokens_where_that_is_wanted(self, door: Door) -> None:
        name = await door.person()
        bearer = {"authorization": f"Bearer {await create_token(door.store, user=name, name='script')}"}
        async with door.browser("192.0.2.30") as browser:
            await sign_in(browser, name)
            await done(browser, "account.changePassword", current=PASSWORD, new="another four words")
            assert (await ask(browser, "session.me", **bearer)).status_code == 200
            given = {"current": "another four words", "new": PASSWORD, "endsTokens": True}
            await done(browser, "account.changePassword", **given)
            assert (await ask(browser, "session.me", **bearer)).status_code == 401
            assert (await data(browser, "token.list"))["items"] == []

    @pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaa", "x" * 201, "with a \t tab in it"])
    async def test_a_weak_one_is_refused_with_the_reason(self, door: Door, weak: str) -> None:
        name = await door.person()
        async with door.browser("192.0.2.8") as browser:
            await sign_in(browser, name)
            answer = await do(browser, "account.changePassword", current=PASSWORD, new=weak)
            assert answer.status_code == 400
            assert answer.json()["error"]["message"].startswith("The password ")
            assert (await do(browser, "account.changePassword", current=PASSWORD, new=f"{name}!")).status_code == 400
            assert (await do(browser, "account.changePassword", current=PASSWORD, new=PASSWORD)).status_code == 400

    async def test_who_came_by_a_link_sets_their_first_one(self, door: Door) -> None:
        name = await door.person(password=None)
        user_id = await door.admin.fetchval("SELECT id FROM users WHERE name = $1", name)
        url = await new_sign_in_url(door.store, user_id=user_id, page=PAGE)
        async with door.browser("192.0.2.9") as browser:
            await browser.post("/auth/exchange", json={"token": url.split("=", 1)[1]})
            assert (await data(browser, "account.get"))["hasPassword"] is False
            await done(browser, "account.changePassword", new=PASSWORD)
            assert (await data(browser, "account.get"))["hasPassword"] is True
            assert (await do(browser, "account.changePassword", new="another four words")).status_code == 400


class TestBehindTls:
    async def test_the_cookie_is_of_this_host_and_of_https_alone(self, door: Door) -> None:
        name = await door.person()
        parts = replace(dependencies(open_parts(door.store)), door=api_door.Door(is_behind_tls=True))
        app = create_app(parts, hosts={"watch.example.test"})
        transport = httpx.ASGITransport(app, client=("192.0.2.50", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="https://watch.example.test") as browser:
            cookie = (await sign_in(browser, name)).headers["set-cookie"]
            assert cookie.startswith("__Host-session=")
            assert all(said in cookie for said in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"))
            assert "Domain" not in cookie
            assert (await data(browser, "session.me"))["name"] == name
            secret = browser.cookies["__Host-session"]
            browser.cookies.clear()
            # What an http page of the same name could have planted.
            browser.cookies.set(COOKIE, secret)
            assert (await ask(browser, "session.me")).status_code == 401


class TestTries:
    async def test_the_eleventh_in_five_minutes_is_refused_for_known_and_unknown_people_alike(self, door: Door) -> None:
        known, unknown = await door.person(), f"nobody-{uuid4().hex[:8]}"
        for each, name in enumerate((known, unknown)):
            for at in range(10):
                async with door.browser(f"198.51.{each}.{at}") as browser:
                    assert (await sign_in(browser, name, "wrong")).status_code == 401
            async with door.browser(f"198.51.{each}.99") as browser:
                # The right one does not come in either: whoever guesses it now learns nothing.
                for password in ("wrong", PASSWORD):
                    refused = await sign_in(browser, name, password)
                    assert refused.status_code == 429
                    assert refused.json()["title"] == "There were too many tries to sign in. Try again in 5 minutes."
                    assert 240 < int(refused.headers["retry-after"]) <= 300

    async def test_an_address_has_ten_whoever_it_says_it_is(self, door: Door) -> None:
        for address in ("198.51.100.7", "2001:db8:1:2::7"):
            async with door.browser(address) as browser:
                for _ in range(10):
                    assert (await sign_in(browser, uuid4().hex)).status_code == 401
                assert (await sign_in(browser, uuid4().hex)).status_code == 429
        async with door.browser("2001:db8:1:2:ffff::1") as neighbour, door.browser("2001:db8:1:3::7") as other:
            assert (await sign_in(neighbour, uuid4().hex)).status_code == 429
            assert (await sign_in(other, uuid4().hex)).status_code == 401

    async def test_right_ones_do_not_count(self, door: Door) -> None:
        name = await door.person()
        async with door.browser("198.51.100.8") as browser:
            for _ in range(11):
                assert (await sign_in(browser, name)).status_code == 204

    async def test_there_is_room_again_when_the_oldest_is_five_minutes_old(self, door: Door) -> None:
        name = await door.person()
        address = "198.51.100.9"
        async with door.browser(address) as browser:
            for _ in range(10):
                await sign_in(browser, name, "wrong")
            assert (await sign_in(browser, name)).status_code == 429
            await door.admin.execute(
                "UPDATE sign_in_tries SET at = at - interval '5 minutes' WHERE try_id = "
                "(SELECT try_id FROM sign_in_tries ORDER BY at DESC LIMIT 1)"
            )
            assert (await sign_in(browser, name)).status_code == 204

    async def test_a_burst_is_counted_too(self, door: Door) -> None:
        name = await door.person()
        browsers = [door.browser(f"198.51.101.{at}") for at in range(25)]
        answers = await asyncio.gather(*(sign_in(browser, name, "wrong") for browser in browsers))
        assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 15
        for browser in browsers:
            await browser.aclose()

    async def test_the_current_password_cannot_be_guessed_from_a_session(self, door: Door) -> None:
        name = await door.person()
        async with door.browser("198.51.100.10") as browser:
            await sign_in(browser, name)
            for _ in range(10):
                await do(browser, "account.changePassword", current="wrong", new="another four words")
            refused = await do(browser, "account.changePassword", current=PASSWORD, new="another four words")
            assert refused.status_code == 429
            assert refused.json()["error"]["data"]["code"] == "TOO_MANY_REQUESTS"

    async def test_nothing_that_was_typed_is_kept(self, door: Door) -> None:
        async with door.browser("198.51.100.11") as browser:
            await sign_in(browser, "my password by mistake", "my password by mistake")
        kept = repr(await door.admin.fetch("SELECT * FROM sign_in_tries"))
        assert "mistake" not in kept and "198.51.100.11" not in kept


class TestSessions:
    async def test_they_are_listed_with_what_they_are_known_by(self, door: Door) -> None:
        name = await door.person()
        async with door.browser("203.0.113.77") as here, door.browser("2001:db8:7:8::9", user_agent="Safari") as there:
            await sign_in(here, name)
            await sign_in(there, name)
            items = (await data(here, "session.list"))["items"]
        shown = {(each["userAgent"], each["network"], each["isCurrent"], each["method"]) for each in items}
        assert shown == {
            ("Firefox", "203.0.113.0/24", True, "password"),
            ("Safari", "2001:db8:7::/48", False, "password"),
        }
        assert here.cookies[COOKIE] not in repr(items)

    async def test_one_that_is_revoked_is_refused_at_its_next_request(self, door: Door) -> None:
        name = await door.person()
        async with door.browser("203.0.113.1") as here, door.browser("203.0.113.2") as there:
            await sign_in(here, name)
            await sign_in(there, name)
            other = next(each for each in (await data(here, "session.list"))["items"] if not each["isCurrent"])
            assert (await ask(there, "session.me")).status_code == 200
            await done(here, "session.revoke", sessionId=other["id"])
            assert (await ask(there, "session.me")).status_code == 401
            assert [each["isCurrent"] for each in (await data(here, "session.list"))["items"]] == [True]

    async def test_all_others_are_ended_at_once(self, door: Door) -> None:
        name = await door.person()
        browsers = [door.browser(f"203.0.113.{at}") for at in range(3)]
        for browser in browsers:
            await sign_in(browser, name)
        assert await done(browsers[0], "session.revokeOthers") == {"count": 2}
        assert [(await ask(browser, "session.me")).status_code for browser in browsers] == [200, 401, 401]
        for browser in browsers:
            await browser.aclose()

    async def test_those_of_others_are_out_of_reach(self, door: Door) -> None:
        ours, theirs = await door.person(), await door.person()
        async with door.browser("203.0.113.10") as here, door.browser("203.0.113.11") as there:
            await sign_in(here, ours)
            await sign_in(there, theirs)
            (foreign,) = (await data(there, "session.list"))["items"]
            answers = [await do(here, "session.revoke", sessionId=each) for each in (foreign["id"], str(uuid4()))]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].content == answers[1].content
            assert (await ask(there, "session.me")).status_code == 200

    async def test_signing_in_again_renews_the_session(self, door: Door) -> None:
        name = await door.person()
        async with door.browser("203.0.113.12") as browser, door.browser("203.0.113.13") as thief:
            await sign_in(browser, name)
            before = browser.cookies[COOKIE]
            await sign_in(browser, name)
            assert browser.cookies[COOKIE] != before
            thief.cookies.set(COOKIE, before)
            assert (await ask(thief, "session.me")).status_code == 401
            assert len((await data(browser, "session.list"))["items"]) == 1


class TestTokens:
    async def test_one_is_made_shown_once_used_and_revoked(self, door: Door) -> None:
        name = await door.person()
        async with door.browser("203.0.113.20") as browser, door.browser("203.0.113.21") as program:
            await sign_in(browser, name)
            made = await done(browser, "token.create", name="deploys", scope="read", expiresInDays=30)
            bearer = {"authorization": f"Bearer {made['token']}"}
            assert (await ask(program, "session.me", **bearer)).json()["result"]["data"]["method"] == "token"
            (item,) = (await data(browser, "token.list"))["items"]
            assert (item["name"], item["scope"], item["projectId"]) == ("deploys", "read", None)
            assert item["lastUsedAt"] is not None
            assert made["token"] not in repr(item)
            await done(browser, "token.revoke", tokenId=made["id"])
            assert (await ask(program, "session.me", **bearer)).status_code == 401
            assert (await data(browser, "token.list"))["items"] == []

    async def test_one_of_a_project_opens_no_other(self, door: Door) -> None:
        name = await door.person()
        async with door.store.door() as opened:
            owner = await opened.fetchval("SELECT app.find_user($1)", name)
            mine = [await ensure_project(opened, name=f"{name} {each}", owner=owner) for each in (1, 2)]
        async with door.browser("203.0.113.22") as browser:
            await sign_in(browser, name)
            assert len((await data(browser, "project.list"))["items"]) == 2
            made = await done(
                browser, "token.create", name="one", scope="admin", projectId=str(mine[1]), expiresInDays=1
            )
        async with door.browser("203.0.113.23") as program:
            program.headers["authorization"] = f"Bearer {made['token']}"
            assert [each["id"] for each in (await data(program, "project.list"))["items"]] == [str(mine[1])]

    async def test_one_of_a_foreign_project_is_not_made(self, door: Door) -> None:
        name, other = await door.person(), await door.person()
        async with door.store.door() as opened:
            owner = await opened.fetchval("SELECT app.find_user($1)", other)
            foreign = await ensure_project(opened, name=f"{other}'s", owner=owner)
        async with door.browser("203.0.113.24") as browser:
            await sign_in(browser, name)
            given = {"name": "x", "scope": "read", "expiresInDays": 1}
            answers = [await do(browser, "token.create", **given, projectId=str(id)) for id in (foreign, uuid4())]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].content == answers[1].content
            assert (await do(browser, "token.create", **{**given, "expiresInDays": 366})).status_code == 400

    async def test_a_token_makes_no_tokens_and_changes_no_password(self, door: Door) -> None:
        name = await door.person()
        token = await create_token(door.store, user=name, name="script")
        async with door.browser("203.0.113.25") as program:
            program.headers["authorization"] = f"Bearer {token}"
            made = await do(program, "token.create", name="more", scope="admin", expiresInDays=365)
            changed = await do(program, "account.changePassword", current=PASSWORD, new="another four words")
            assert [made.status_code, changed.status_code] == [409, 409]


class TestPeople:
    async def test_administrators_let_people_in_and_out(self, door: Door) -> None:
        chief, name = await door.person(is_admin=True), f"new-{uuid4().hex[:8]}"
        async with door.browser("203.0.113.30") as admin, door.browser("203.0.113.31") as browser:
            await sign_in(admin, chief)
            made = await done(admin, "user.create", name=name, password=PASSWORD, email=f"{name}@example.test")
            taken = await do(admin, "user.create", name="other", email=f"{name}@EXAMPLE.test")
            assert (taken.status_code, (await do(admin, "user.create", name=name)).status_code) == (409, 409)
            assert (await sign_in(browser, name)).status_code == 204
            token = await create_token(door.store, user=name, name="script")
            bearer = {"authorization": f"Bearer {token}"}
            assert (await ask(browser, "session.me", **bearer)).status_code == 200
            await done(admin, "user.update", userId=made["id"], isDisabled=True)
            assert (await ask(browser, "session.me")).status_code == 401
            assert (await ask(browser, "session.me", **bearer)).status_code == 401
            assert (await sign_in(browser, name)).status_code == 401
            shown = {each["name"]: each for each in (await data(admin, "user.list"))["items"]}[name]
            assert (shown["isDisabled"], shown["isAdmin"], shown["hasPassword"]) == (True, False, True)
            await done(admin, "user.update", userId=made["id"], isDisabled=False, isAdmin=True)
            assert (await sign_in(browser, name)).status_code == 204
            assert (await data(browser, "session.me"))["isAdmin"] is True

    async def test_a_new_password_ends_sessions_and_tokens_but_those_of_the_start(self, door: Door) -> None:
        chief, name = await door.person(is_admin=True), await door.person()
        user_id = await door.admin.fetchval("SELECT id::text FROM users WHERE name = $1", name)
        token, own = [
            await create_token(door.store, user=name, name="script", is_of_start=of_start) for of_start in (False, True)
        ]
        async with door.browser("203.0.113.37") as admin, door.browser("203.0.113.38") as browser:
            await sign_in(admin, chief)
            assert (await sign_in(browser, name)).status_code == 204
            await done(admin, "user.update", userId=user_id, password="another four words")
            browser_and_tokens = [{}, *({"authorization": f"Bearer {each}"} for each in (token, own))]
            found = [(await ask(browser, "session.me", **each)).status_code for each in browser_and_tokens]
            assert found == [401, 401, 200]
            assert (await sign_in(browser, name, "another four words")).status_code == 204
        lines = await door.admin.fetch(
            "SELECT user_name, action FROM installation_log WHERE target = $1 AND user_name = $2 ORDER BY at, id",
            user_id,
            chief,
        )
        assert [line["action"] for line in lines] == ["user.password", "session.end", "token.revoke"]

    async def test_the_log_names_who_did_it(self, door: Door) -> None:
        chief, name = await door.person(is_admin=True), f"new-{uuid4().hex[:8]}"
        async with door.browser("203.0.113.36") as admin:
            await sign_in(admin, chief)
            made = await done(admin, "user.create", name=name, password=PASSWORD)
            await done(admin, "user.update", userId=made["id"], isDisabled=True)
        lines = await door.admin.fetch(
            "SELECT user_name, action FROM installation_log WHERE target = $1 ORDER BY at, id", made["id"]
        )
        assert [tuple(line) for line in lines] == [(chief, "user.create"), (chief, "user.update")]

    async def test_nobody_else_manages_people(self, door: Door) -> None:
        name, chief = await door.person(), await door.person(is_admin=True)
        token = await create_token(door.store, user=chief, name="reads")
        await door.admin.execute("UPDATE api_tokens SET scope = 'read' WHERE name = 'reads'")
        async with door.browser("203.0.113.32") as browser, door.browser("203.0.113.33") as program:
            await sign_in(browser, name)
            program.headers["authorization"] = f"Bearer {token}"
            for each in (browser, program):
                assert (await ask(each, "user.list")).status_code == 403
                assert (await do(each, "user.create", name="mine")).status_code == 403
                assert (await do(each, "user.update", userId=str(uuid4()), isAdmin=True)).status_code == 403

    async def test_nobody_disables_themself(self, door: Door) -> None:
        chief = await door.person(is_admin=True)
        async with door.browser("203.0.113.34") as browser:
            await sign_in(browser, chief)
            own = await door.admin.fetchval("SELECT id::text FROM users WHERE name = $1", chief)
            assert (await do(browser, "user.update", userId=own, isDisabled=True)).status_code == 409
            assert (await do(browser, "user.update", userId=str(uuid4()), isAdmin=True)).status_code == 404

    async def test_somebody_goes_on_managing_people(self, door: Door) -> None:
        chief = await door.person(is_admin=True)
        others = "UPDATE users SET disabled_at = CASE WHEN $2 THEN now() END WHERE is_admin AND name <> $1"
        await door.admin.execute(others, chief, True)
        try:
            async with door.browser("203.0.113.35") as browser:
                await sign_in(browser, chief)
                own = await door.admin.fetchval("SELECT id::text FROM users WHERE name = $1", chief)
                refused = await do(browser, "user.update", userId=own, isAdmin=False)
                assert refused.status_code == 409 and "Make somebody else an administrator" in refused.text
        finally:
            await door.admin.execute(others, chief, False)


class TestWays:
    async def test_the_page_learns_which_there_are(self, door: Door) -> None:
        await door.person()
        async with door.browser("203.0.113.40") as browser:
            assert await data(browser, "session.ways") == {"password": True, "provider": None}
