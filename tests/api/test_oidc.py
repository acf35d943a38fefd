"""Signing in with an OpenID provider that is real, through the application as it is served."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from tests.api.seeded import dependencies, open_parts
from tests.databases import Database
from tests.oidc.provider import come_back, provider

from watchglass.api.app import create_app
from watchglass.api.door import Door
from watchglass.auth.browser import Browser
from watchglass.auth.credential import session_cookie
from watchglass.auth.groups import GroupRole
from watchglass.auth.oidc import OidcRefused, Provider, Rules
from watchglass.auth.people import create_user
from watchglass.auth.secret import hash_secret
from watchglass.auth.tokens import create_token
from watchglass.auth.tries import OIDC_PER_ADDRESS
from watchglass.cli.oidc import read_group_roles
from watchglass.embedded.ports import free_port
from watchglass.errors import StartupError
from watchglass.model.project import Role
from watchglass.store.members import Membership
from watchglass.store.oidc_sign_ins import end_oidc
from watchglass.store.scope import Store
from watchglass.store.users import ensure_project

PAGE = "http://127.0.0.1:8780"
COOKIE = session_cookie(is_behind_tls=False)
RULES = Rules(frozenset({"example.test"}), links_by_email=False, admin_claim=("groups", "watchglass-admins"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def issuer() -> AsyncIterator[str]:
    running = provider(f"{PAGE}/auth/oidc/callback", port=free_port())
    yield await asyncio.to_thread(running.__enter__)
    await asyncio.to_thread(running.__exit__, None, None, None)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def admin(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.admin_url)
    yield connection
    await connection.close()


@pytest_asyncio.fixture(autouse=True)
async def nobody(admin: asyncpg.Connection) -> None:
    await admin.execute("DELETE FROM users")
    await admin.execute("DELETE FROM sign_in_tries")


def known_as(issuer: str, client_id: str = "watchglass", rules: Rules = RULES) -> Provider:
    return Provider(issuer, client_id, "the secret of a client", "Example", rules)


def browser(store: Store, asked: Provider, address: str = "192.0.2.1") -> httpx.AsyncClient:
    parts = replace(dependencies(open_parts(store)), door=Door(provider=asked))
    transport = httpx.ASGITransport(create_app(parts), client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url=PAGE, headers={"accept": "text/html"})


async def begin(person: httpx.AsyncClient) -> str:
    answer = await person.get("/auth/oidc")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def sign_in(person: httpx.AsyncClient, name: str, *, cancels: bool = False) -> httpx.Response:
    return await person.get(await come_back(await begin(person), name, cancels=cancels))


async def me(person: httpx.AsyncClient) -> dict[str, object] | None:
    answer = await person.get("/trpc/session.me")
    return answer.json()["result"]["data"] if answer.status_code == 200 else None


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 303
    assert COOKIE not in answer.cookies
    return str(answer.headers["location"]).removeprefix("/#sign-in-refused=")


async def test_the_browser_is_sent_with_all_that_protects_it(store: Store, issuer: str) -> None:
    async with browser(store, known_as(issuer)) as person:
        answer = await person.get("/auth/oidc")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == [f"{PAGE}/auth/oidc/callback"]
    assert len(asked["state"][0]) >= 43 and len(asked["nonce"][0]) >= 43 and len(asked["code_challenge"][0]) == 43
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert not any(asked[name][0] in cookie for name in ("state", "nonce", "code_challenge"))


async def test_somebody_of_an_allowed_domain_is_let_in_and_is_the_same_person_next_time(
    store: Store, issuer: str, admin: asyncpg.Connection
) -> None:
    async with browser(store, known_as(issuer)) as person:
        answer = await sign_in(person, "ada")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        first = await me(person)
        assert first is not None and (first["name"], first["isAdmin"]) == ("ada", True)
        assert (await person.get("/trpc/session.list")).json()["result"]["data"]["items"][0]["method"] == "oidc"
        before = person.cookies[COOKIE]
        # The address has changed hands: who they are has not.
        await admin.execute("UPDATE users SET email = 'new@example.test'")
        await sign_in(person, "ada")
        assert person.cookies[COOKIE] != before
        assert await me(person) == first
    async with browser(store, known_as(issuer)) as other:
        await sign_in(other, "bob")
        second = await me(other)
        assert second is not None and (second["name"], second["isAdmin"]) == ("bob", False)


async def test_the_provider_decides_who_administers_at_every_sign_in(
    store: Store, issuer: str, admin: asyncpg.Connection
) -> None:
    await create_user(store, name="chief", email=None, password=None, is_admin=True)
    async with browser(store, known_as(issuer)) as person:
        await sign_in(person, "bob")
        await admin.execute("UPDATE users SET is_admin = true WHERE name = 'bob'")
        await sign_in(person, "bob")
        found = await me(person)
        assert found is not None and found["isAdmin"] is False


async def test_what_the_provider_decided_is_nobodys_deed(store: Store, issuer: str, admin: asyncpg.Connection) -> None:
    await admin.execute("DELETE FROM installation_log")
    async with browser(store, known_as(issuer)) as person:
        await sign_in(person, "ada")
    lines = await admin.fetch("SELECT action, user_name, details::text FROM installation_log ORDER BY at, id")
    assert [(line["action"], line["user_name"], "byProvider" in line["details"]) for line in lines] == [
        ("user.create", None, True),
        ("user.link", None, True),
        ("user.update", None, True),
        ("session.open", "ada", False),
    ]


@pytest.mark.parametrize(("name", "reason"), [("carol", "not_invited"), ("mallory", "not_verified")])
async def test_others_stay_outside(
    store: Store, issuer: str, admin: asyncpg.Connection, name: str, reason: str
) -> None:
    await create_user(store, name="ada", email="ada@example.test", password=None, is_admin=True)
    async with browser(store, known_as(issuer, rules=replace(RULES, links_by_email=True))) as person:
        assert refused(await sign_in(person, name)) == reason
        assert await me(person) is None
    assert await admin.fetchval("SELECT count(*) FROM users") == 1
    assert await admin.fetchval("SELECT count(*) FROM user_identities") == 0


async def test_an_address_makes_nobody_somebody_else_unless_the_rule_says_so(store: Store, issuer: str) -> None:
    await create_user(store, name="somebody", email="known@example.test", password=None, is_admin=False)
    async with browser(store, known_as(issuer)) as person:
        assert refused(await sign_in(person, "known")) == "not_invited"
    async with browser(store, known_as(issuer, rules=replace(RULES, links_by_email=True))) as person:
        await sign_in(person, "known")
        found = await me(person)
        assert found is not None and found["name"] == "somebody"


async def test_who_is_disabled_stays_outside(store: Store, issuer: str, admin: asyncpg.Connection) -> None:
    async with browser(store, known_as(issuer, rules=replace(RULES, admin_claim=None))) as person:
        await sign_in(person, "bob")
        await admin.execute("UPDATE users SET disabled_at = now() WHERE name = 'bob'")
        assert await me(person) is None
        assert refused(await sign_in(person, "bob")) == "kept_out"


async def test_who_cancels_is_told_so(store: Store, issuer: str) -> None:
    async with browser(store, known_as(issuer)) as person:
        assert refused(await sign_in(person, "bob", cancels=True)) == "cancelled"


async def test_an_answer_counts_once_and_in_the_browser_that_asked(store: Store, issuer: str) -> None:
    async with browser(store, known_as(issuer)) as person, browser(store, known_as(issuer)) as victim:
        answered = await come_back(await begin(person), "bob")
        # Somebody who is sent another's answer is not signed in as them.
        assert refused(await victim.get(answered)) == "took_too_long"
        await begin(victim)
        assert refused(await victim.get(answered)) == "failed"
        assert (await person.get(answered)).headers["location"] == "/"
        assert refused(await person.get(answered)) == "took_too_long"


async def test_one_that_took_too_long_is_refused(store: Store, issuer: str, admin: asyncpg.Connection) -> None:
    async with browser(store, known_as(issuer)) as person:
        answered = await come_back(await begin(person), "bob")
        await admin.execute("UPDATE oidc_sign_ins SET expires_at = now()")
        assert refused(await person.get(answered)) == "took_too_long"


@pytest.mark.parametrize("column", ["state", "nonce", "code_verifier"])
async def test_what_does_not_fit_together_is_refused(
    store: Store, issuer: str, admin: asyncpg.Connection, column: str
) -> None:
    async with browser(store, known_as(issuer)) as person:
        answered = await come_back(await begin(person), "bob")
        await admin.execute(f"UPDATE oidc_sign_ins SET {column} = {column} || 'x'")
        assert refused(await person.get(answered)) == "failed"
        assert await me(person) is None


@pytest.mark.parametrize("change", [{"iss": "http://127.0.0.1:1"}, {"code": "of somebody else"}, {"iss": None}])
async def test_an_answer_that_was_changed_is_refused(store: Store, issuer: str, change: dict[str, str | None]) -> None:
    async with browser(store, known_as(issuer)) as person:
        url = urlsplit(await come_back(await begin(person), "bob"))
        given = {name: values[0] for name, values in parse_qs(url.query).items()} | change
        query = urlencode({name: value for name, value in given.items() if value is not None})
        assert refused(await person.get(f"{url.path}?{query}")) == "failed"


async def test_a_token_of_another_client_or_nonce_or_issuer_is_refused(store: Store, issuer: str) -> None:
    ours, theirs = known_as(issuer), known_as(issuer, "another")
    url, secret = await theirs.begin(store, f"{PAGE}/auth/oidc/callback", Browser())
    answer = {name: values[0] for name, values in parse_qs(urlsplit(await come_back(url, "bob")).query).items()}
    nonce = parse_qs(urlsplit(url).query)["nonce"][0]
    metadata = await theirs._known()
    async with store.door() as door:
        pending = await end_oidc(door, hash_secret(secret))
    assert pending is not None
    tokens = await theirs._tokens(metadata, answer["code"], pending)
    assert (await theirs._claims(metadata, tokens, nonce))["sub"] == "bob"
    with pytest.raises(OidcRefused, match="aud"):
        await ours._claims(metadata, tokens, nonce)
    with pytest.raises(OidcRefused, match="nonce"):
        await theirs._claims(metadata, tokens, "another nonce")
    elsewhere = known_as(issuer.replace("127.0.0.1", "localhost"), "another")
    with pytest.raises(OidcRefused, match="iss"):
        await elsewhere._claims(metadata, tokens, nonce)
    head, body, signature = tokens["id_token"].split(".")
    forged = f"{head}.{body}.{signature[:-4]}AAAA"
    with pytest.raises(OidcRefused, match="not signed"):
        await theirs._claims(metadata, {**tokens, "id_token": forged}, nonce)
    unsigned = "eyJhbGciOiJub25lIn0." + body + "."
    with pytest.raises(OidcRefused, match="not signed"):
        await theirs._claims(metadata, {**tokens, "id_token": unsigned}, nonce)


@pytest.mark.parametrize("path", ["/", "/other"])
async def test_an_issuer_is_meant_to_the_letter(store: Store, issuer: str, path: str) -> None:
    async with browser(store, known_as(issuer + path)) as person:
        assert refused(await person.get("/auth/oidc")) == "unavailable"


async def test_a_provider_that_does_not_answer_is_said_to(store: Store) -> None:
    async with browser(store, known_as(f"http://127.0.0.1:{free_port()}")) as person:
        assert refused(await person.get("/auth/oidc")) == "unavailable"


@pytest.mark.parametrize("headers", ["Content-Type: application/json", "Content-Encoding: gzip"])
async def test_an_answer_without_end_or_compressed_is_not_read(store: Store, headers: str) -> None:
    sent = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\n{headers}\r\nConnection: close\r\n\r\n".encode())
        try:
            while sent < 64 * 2**20:
                writer.write(b" " * 65536)
                await writer.drain()
                sent += 65536
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, browser(store, known_as(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")) as person:
        assert refused(await person.get("/auth/oidc")) == "unavailable"
    assert sent < 64 * 2**20


async def test_user_info_is_asked_where_nobody_listens_or_not_at_all(store: Store) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        address = f"http://127.0.0.1:{writer.get_extra_info('sockname')[1]}"
        told = {"issuer": address, "userinfo_endpoint": "http://info.example.test/"} | dict.fromkeys(
            ("authorization_endpoint", "token_endpoint", "jwks_uri"), f"{address}/there"
        )
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + json.dumps(told).encode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, browser(store, known_as(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")) as person:
        assert refused(await person.get("/auth/oidc")) == "unavailable"


async def test_who_begins_too_often_and_never_comes_back_is_refused(store: Store, issuer: str) -> None:
    most = OIDC_PER_ADDRESS.amount
    async with browser(store, known_as(issuer)) as crowd, browser(store, known_as(issuer), "192.0.2.2") as other:
        begun = await asyncio.gather(*(crowd.get("/auth/oidc") for _ in range(most + 5)))
        assert [answer.headers["location"] for answer in begun].count("/#sign-in-refused=too_often") == 5
        program = await crowd.get("/auth/oidc", headers={"accept": "application/json"})
        assert (program.status_code, program.headers["content-type"]) == (429, "application/problem+json")
        assert 200 < int(program.headers["retry-after"]) <= 300
        assert "too many tries to sign in" in program.json()["title"]
        # Everybody else comes in, and nobody who comes in counts.
        for _ in range(3):
            assert (await sign_in(other, "bob")).headers["location"] == "/"


async def test_who_is_at_the_provider_comes_in_though_others_of_the_place_begin_too_often(
    store: Store, issuer: str
) -> None:
    async with browser(store, known_as(issuer)) as person, browser(store, known_as(issuer)) as crowd:
        answered = await come_back(await begin(person), "bob")
        await asyncio.gather(*(crowd.get("/auth/oidc") for _ in range(OIDC_PER_ADDRESS.amount)))
        assert refused(await crowd.get("/auth/oidc")) == "too_often"
        assert (await person.get(answered)).headers["location"] == "/"


async def test_answers_that_nobody_asked_for_are_counted_and_take_no_sign_in_with_them(
    store: Store, issuer: str, admin: asyncpg.Connection
) -> None:
    async with browser(store, known_as(issuer)) as person, browser(store, known_as(issuer)) as guesser:
        answered = await come_back(await begin(person), "bob")
        for number in range(OIDC_PER_ADDRESS.amount):
            guesser.cookies.set("watchglass_oidc", f"guessed {number}")
            assert refused(await guesser.get("/auth/oidc/callback?code=c&state=s")) == "took_too_long"
        assert refused(await person.get(answered)) == "too_often"
        await admin.execute("UPDATE sign_in_tries SET at = at - interval '5 minutes'")
        # The same answer, brought again, is as good as it was.
        assert (await person.get(answered)).headers["location"] == "/"


async def test_the_page_learns_of_it(store: Store, issuer: str) -> None:
    async with browser(store, known_as(issuer)) as person:
        ways = (await person.get("/trpc/session.ways")).json()["result"]["data"]
    assert ways["provider"] == {"name": "Example", "path": "/auth/oidc"}


@dataclass(frozen=True)
class Team:
    """Projects of somebody who administers nothing, as their owner sees them."""

    store: Store
    issuer: str
    admin: asyncpg.Connection
    owner: httpx.AsyncClient
    first: UUID
    second: UUID

    async def comes(self, *brought: GroupRole, claim: str = "groups") -> None:
        """Dora signs in, where groups bring this."""
        rules = replace(RULES, admin_claim=None, groups_claim=claim, group_roles=brought)
        async with browser(self.store, known_as(self.issuer, rules=rules)) as person:
            assert (await sign_in(person, "dora")).headers["location"] == "/"

    async def dora(self, project: UUID) -> tuple[str, bool, str | None] | None:
        """Her role, her right to see values and her group, as the page of the members says."""
        answer = await self.owner.get("/trpc/member.list", params={"input": json.dumps({"projectId": str(project)})})
        found = {each["name"]: each for each in answer.json()["result"]["data"]["items"]}.get("dora")
        return None if found is None else (found["role"], found["seesPayloads"], found["fromGroup"])

    async def done(self, procedure: str, **given: object) -> None:
        answer = await self.owner.post(f"/trpc/{procedure}", json={"projectId": str(self.first), **given})
        assert answer.status_code == 200, answer.text

    async def id_of_dora(self) -> str:
        return str(await self.admin.fetchval("SELECT id FROM users WHERE name = 'dora'"))

    async def log(self) -> list[tuple[str, str, str | None, bool]]:
        """Of the first project: who, what, by which group, whether by the provider."""
        lines = await self.admin.fetch(
            "SELECT user_name, action, details::text FROM audit_log WHERE project_id = $1 ORDER BY at, id", self.first
        )
        told = [json.loads(line["details"]) for line in lines]
        return [
            (line["user_name"], line["action"], details.get("group"), details.get("byProvider", False))
            for line, details in zip(lines, told, strict=True)
        ]


@pytest_asyncio.fixture
async def team(store: Store, issuer: str, admin: asyncpg.Connection) -> AsyncIterator[Team]:
    owner = await create_user(store, name="owner of teams", email=None, password=None, is_admin=False)
    async with store.door() as door:
        projects = [await ensure_project(door, name=f"team {uuid4()}", owner=owner) for _ in range(2)]
    async with browser(store, known_as(issuer)) as client:
        client.headers["authorization"] = f"Bearer {await create_token(store, user='owner of teams', name='test')}"
        yield Team(store, issuer, admin, client, *projects)
    await admin.execute("DELETE FROM projects WHERE id = ANY ($1)", projects)


def brings(group: str, project: UUID, role: Role = Role.VIEWER, *, sees: bool = True) -> GroupRole:
    return GroupRole(group, project, Membership(role, sees))


async def test_groups_give_memberships_and_take_them_at_each_sign_in(team: Team) -> None:
    """The highest role of a person's groups, and the right to see values if one of them gives it."""
    odd = "cn=audit,ou=a:b"
    await team.comes(
        brings("staff", team.first), brings(odd, team.first, Role.EDITOR, sees=False), brings("none", team.second)
    )
    assert (await team.dora(team.first), await team.dora(team.second)) == (("editor", True, odd), None)
    await team.comes(brings("staff", team.first, sees=False), brings("staff", team.second), brings("staff", uuid4()))
    assert await team.dora(team.first) == ("viewer", False, "staff")
    assert await team.dora(team.second) == ("viewer", True, "staff")
    await team.comes(brings("staff", team.second))
    assert (await team.dora(team.first), await team.dora(team.second)) == (None, ("viewer", True, "staff"))
    await team.comes()
    assert await team.dora(team.second) is None
    assert await team.log() == [
        ("single sign-on", "member.add", odd, True),
        ("single sign-on", "member.update", "staff", True),
        ("single sign-on", "member.remove", "staff", True),
    ]


async def test_what_was_made_by_hand_stays_as_it_is(team: Team) -> None:
    await team.comes()
    await team.done("member.add", name="dora", role="viewer", seesPayloads=False)
    await team.comes(brings("staff", team.first, Role.OWNER))
    assert await team.dora(team.first) == ("viewer", False, None)
    await team.comes()
    assert await team.dora(team.first) == ("viewer", False, None)
    # Removed by hand, it is the group's again; changed by hand, it is the group's no more.
    await team.done("member.remove", userId=await team.id_of_dora())
    await team.comes(brings("staff", team.first, Role.OWNER))
    assert await team.dora(team.first) == ("owner", True, "staff")
    await team.done("member.update", userId=await team.id_of_dora(), role="editor", seesPayloads=True)
    await team.comes()
    assert await team.dora(team.first) == ("editor", True, None)


async def test_a_project_keeps_an_owner_whatever_groups_say(team: Team) -> None:
    await team.comes(brings("staff", team.first, Role.OWNER))
    await team.admin.execute(
        "DELETE FROM project_members WHERE project_id = $1 AND user_id <> $2", team.first, await team.id_of_dora()
    )
    for brought in ((), (brings("staff", team.first),)):
        await team.comes(*brought)
        [member] = await team.admin.fetch("SELECT * FROM project_members WHERE project_id = $1", team.first)
        assert (member["role"], member["from_group"]) == ("owner", "staff")


@pytest.mark.parametrize(
    ("claim", "is_in"),
    [
        ("team", True),
        ("many", True),
        ("missing", False),
        ("number", False),
        ("object", False),
        ("nested", False),
        ("hostile", False),
    ],
)
async def test_a_claim_counts_as_far_as_it_names_groups(team: Team, claim: str, is_in: bool) -> None:
    """What says nothing of groups takes away what they brought."""
    await team.comes(brings("staff", team.first))
    await team.comes(brings("staff", team.first, Role.EDITOR), claim=claim)
    assert await team.dora(team.first) == (("editor", True, "staff") if is_in else None)


PROJECT = "0199c0de-0000-7000-8000-000000000001"


def test_the_setting_says_what_groups_bring() -> None:
    text = f"payments={PROJECT}:owner; cn=audit,ou=a:b = {PROJECT} : viewer without values ;"
    assert read_group_roles(text) == (
        GroupRole("payments", UUID(PROJECT), Membership(Role.OWNER, True)),
        GroupRole("cn=audit,ou=a:b", UUID(PROJECT), Membership(Role.VIEWER, False)),
    )
    assert read_group_roles("") == ()


@pytest.mark.parametrize(
    "entry",
    [
        "payments",
        f"={PROJECT}:viewer",
        "payments=Payments:viewer",
        f"a={PROJECT}",
        f"a={PROJECT}:admin",
        f"a={PROJECT}:owner without values",
        f"a={PROJECT}:viewer without",
    ],
)
def test_a_setting_that_says_something_else_starts_nothing(entry: str) -> None:
    with pytest.raises(StartupError, match=r"entry 2 .*Correct it and start again"):
        read_group_roles(f"payments={PROJECT}:viewer; {entry}")
