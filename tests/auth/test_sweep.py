"""What ended long ago is taken away in batches, and nothing that still opens a door."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest_asyncio
from tests.databases import Database

from watchglass.auth.people import create_user
from watchglass.auth.sweep import KEPT, keep_swept, sweep
from watchglass.store.ended import TakenAway, take_away_ended
from watchglass.store.scope import Store

LONG_AGO, LATELY = "now() - interval '31 days'", "now() - interval '29 days'"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def admin(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.admin_url)
    yield connection
    await connection.close()


@pytest_asyncio.fixture(loop_scope="session")
async def person(store: Store) -> UUID:
    return await create_user(store, name=f"swept {uuid4()}", email=None, password=None, is_admin=False)


async def session(admin: asyncpg.Connection, user: UUID, *, used: str, expires: str, revoked: str = "NULL") -> bytes:
    key = os.urandom(32)
    await admin.execute(
        "INSERT INTO sessions (token_hash, user_id, last_used_at, expires_at, revoked_at) "
        f"VALUES ($1, $2, {used}, {expires}, {revoked})",
        key,
        user,
    )
    return key


async def kept(admin: asyncpg.Connection, table: str, user: UUID) -> set[bytes]:
    return {row["token_hash"] for row in await admin.fetch(f"SELECT token_hash FROM {table} WHERE user_id = $1", user)}


async def test_sessions_that_ended_go_and_the_one_that_was_used_last_stays(
    store: Store, admin: asyncpg.Connection, person: UUID
) -> None:
    week = "+ interval '7 days'"
    await session(admin, person, used=f"{LONG_AGO} - interval '9 days'", expires=f"{LONG_AGO} - interval '2 days'")
    await session(admin, person, used=f"{LONG_AGO} - interval '1 day'", expires=f"{LONG_AGO} {week}")
    await session(admin, person, used=LONG_AGO, expires=f"now() {week}", revoked=LONG_AGO)
    stays = {
        await session(admin, person, used=LATELY, expires=f"{LATELY} {week}"),
        await session(admin, person, used="now()", expires=f"now() {week}"),
    }
    alone = await create_user(store, name=f"away {uuid4()}", email=None, password=None, is_admin=False)
    last = await session(admin, alone, used="now() - interval '1 year'", expires="now() - interval '358 days'")
    await sweep(store)
    assert await kept(admin, "sessions", person) == stays
    assert await kept(admin, "sessions", alone) == {last}, "it says when they were last seen"


async def test_tokens_and_links_that_ended_go(store: Store, admin: asyncpg.Connection, person: UUID) -> None:
    stays: dict[str, set[bytes]] = {"api_tokens": set(), "sign_in_links": set()}
    for table, column, more in (("api_tokens", "revoked_at", ", name"), ("sign_in_links", "used_at", "")):
        for expires, ended, remains in (
            (LONG_AGO, "NULL", False),
            ("now() + interval '300 days'", LONG_AGO, False),
            (LATELY, "NULL", True),
            ("now() + interval '300 days'", LATELY, True),
            ("now() + interval '300 days'", "NULL", True),
        ):
            key = os.urandom(32)
            await admin.execute(
                f"INSERT INTO {table} (token_hash, user_id, expires_at, {column}{more}) "
                f"VALUES ($1, $2, {expires}, {ended}{', $$t$$' if more else ''})",
                key,
                person,
            )
            if remains:
                stays[table].add(key)
    await sweep(store)
    for table, keys in stays.items():
        assert await kept(admin, table, person) == keys


async def test_what_signing_in_leaves_behind_goes_within_the_hour(store: Store, admin: asyncpg.Connection) -> None:
    keys = {age: os.urandom(32) for age in (10, 59, 61, 60 * 24)}
    for age, key in keys.items():
        at = timedelta(minutes=age)
        await admin.execute("INSERT INTO sign_in_tries VALUES ($1, now() - $2::interval, $3)", key, at, uuid4())
        await admin.execute("INSERT INTO oidc_sign_ins VALUES ($1, 's', 'n', 'v', 'u', now() - $2::interval)", key, at)
    await sweep(store)
    for table, column in (("sign_in_tries", "key"), ("oidc_sign_ins", "browser_hash")):
        rows = await admin.fetch(f"SELECT {column} AS key FROM {table} WHERE {column} = ANY ($1)", list(keys.values()))
        assert {row["key"] for row in rows} == {keys[10], keys[59]}


async def test_it_takes_no_more_at_once_than_a_batch_and_goes_on_until_nothing_is_left(
    store: Store, admin: asyncpg.Connection, person: UUID
) -> None:
    await admin.execute(
        f"INSERT INTO sign_in_links SELECT sha256(i::text::bytea || $2::text::bytea), $1::uuid, {LONG_AGO} "
        "FROM generate_series(1, 25) i",
        person,
        str(person),
    )
    async with store.door() as door:
        first = await take_away_ended(door, kept=KEPT, limit=10)
        # Another process that comes meanwhile leaves it to this one.
        async with store.door() as other:
            assert await take_away_ended(other, kept=KEPT, limit=10) == TakenAway()
    assert first.links == 10
    assert (await sweep(store, batch=10)).links >= 15
    assert await kept(admin, "sign_in_links", person) == set()


async def test_whatever_is_asked_for_nothing_goes_that_opens_a_door(
    store: Store, admin: asyncpg.Connection, person: UUID
) -> None:
    open_now = await session(admin, person, used="now() - interval '1 hour'", expires="now() + interval '1 day'")
    await session(admin, person, used="now()", expires="now() + interval '1 day'")
    await sweep(store, kept=timedelta(days=-400))
    assert open_now in await kept(admin, "sessions", person)


async def test_it_goes_on_in_the_background(store: Store, admin: asyncpg.Connection, person: UUID) -> None:
    await admin.execute(f"INSERT INTO sign_in_links VALUES ($1, $2, {LONG_AGO})", os.urandom(32), person)
    sweeping = asyncio.create_task(keep_swept(store))
    try:
        async with asyncio.timeout(20):
            while await kept(admin, "sign_in_links", person):
                await asyncio.sleep(0.05)
    finally:
        sweeping.cancel()
        await asyncio.wait({sweeping})
