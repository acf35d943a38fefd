"""Migrations beside those who work: no table is held for long, two do not collide, what was interrupted goes on."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
from tests.databases import with_user

from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.errors import StartupError
from watchglass.store.migrate import migrate
from watchglass.store.pool import open_pool
from watchglass.store.roles import Passwords, Roles
from watchglass.store.schema import head_revision, tell_who_works_with_it

_serial = itertools.count(1)
PASSWORDS = Passwords("login-pw", "sync-pw")


@dataclass(frozen=True)
class Place:
    url: str
    roles: Roles
    name: str

    async def migrate(self, revision: str = "head", *, tries: int = 20) -> None:
        await migrate(self.url, passwords=PASSWORDS, roles=self.roles, revision=revision, tries=tries)

    async def ask(self, query: str) -> object:
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    async def open_login(self) -> asyncpg.Pool:
        return await open_pool(
            with_user(self.url, user=self.roles.login, password="login-pw", database=self.name), size=1
        )


@pytest_asyncio.fixture(loop_scope="session")
async def empty(postgres: EmbeddedPostgres) -> AsyncIterator[Place]:
    name = f"migrating_{os.getpid()}_{next(_serial)}"
    roles = Roles(suffix=f"_{name}")
    admin = await asyncpg.connect(postgres.admin_url)
    await admin.execute(f"CREATE DATABASE {name}")
    yield Place(urlunsplit(urlsplit(postgres.admin_url)._replace(path=f"/{name}")), roles, name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    for role in (roles.login, roles.sync, roles.user, roles.definer, roles.owner):
        await admin.execute(f"DROP ROLE IF EXISTS {role}")
    await admin.close()


async def test_two_at_once_come_one_after_the_other(empty: Place) -> None:
    await asyncio.gather(empty.migrate(), empty.migrate())
    assert await empty.ask("SELECT version_num FROM alembic_version") == head_revision()
    assert await empty.ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0


async def test_a_table_in_use_is_asked_for_again_and_others_do_not_wait_behind(empty: Place) -> None:
    await empty.migrate("0018")
    reader = await asyncpg.connect(empty.url)
    use = reader.transaction()
    await use.start()
    await reader.execute("SELECT count(*) FROM workflow_executions")
    migrating = asyncio.create_task(empty.migrate("0019"))
    # The one who reads now holds up the migration; one who comes later is answered all the same, because the
    # migration lets go of its place in the row of those who wait.
    while not await empty.ask(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'workflow_executions'::regclass"
    ):
        await asyncio.sleep(0.02)
    assert await empty.ask("SELECT count(*) FROM workflow_executions") == 0
    assert not migrating.done()
    await use.rollback()
    await migrating
    await reader.close()
    assert await empty.ask("SELECT version_num FROM alembic_version") == "0019"


async def test_one_that_stays_in_use_is_a_sentence_and_nothing_is_half_done(empty: Place) -> None:
    await empty.migrate("0018")
    reader = await asyncpg.connect(empty.url)
    use = reader.transaction()
    await use.start()
    await reader.execute("SELECT count(*) FROM component_executions")
    with pytest.raises(StartupError, match="is in use all the time"):
        await empty.migrate("0019", tries=1)
    assert await empty.ask("SELECT version_num FROM alembic_version") == "0018"
    assert await empty.ask("SELECT to_regclass('node_journal')::text") is None
    await use.rollback()
    await reader.close()
    await empty.migrate()
    assert await empty.ask("SELECT version_num FROM alembic_version") == head_revision()


async def test_indexes_are_built_beside_a_writer_and_one_that_was_interrupted_is_built_anew(empty: Place) -> None:
    await empty.migrate("0019")
    # What an index build leaves behind that was killed: an index that no query may use.
    connection = await asyncpg.connect(empty.url)
    await connection.execute(
        f"SET ROLE {empty.roles.owner}; "
        "CREATE INDEX workflow_executions_derived ON workflow_executions (id); RESET ROLE"
    )
    await connection.execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'workflow_executions_derived'::regclass"
    )
    writing = connection.transaction()
    await writing.start()
    await connection.execute("LOCK TABLE workflow_executions IN ROW EXCLUSIVE MODE")
    building = asyncio.create_task(empty.migrate("0020"))
    while not await empty.ask(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
        "AND query LIKE '%INDEX CONCURRENTLY%workflow_executions_derived%'"
    ):
        await asyncio.sleep(0.02)
    other = await asyncpg.connect(empty.url)
    await other.execute("SET lock_timeout = '1ms'; BEGIN; LOCK TABLE workflow_executions IN ROW EXCLUSIVE MODE; COMMIT")
    await other.close()
    await writing.rollback()
    await connection.close()
    await building
    assert await empty.ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
    assert "derived_version" in str(await empty.ask("SELECT pg_get_indexdef('workflow_executions_derived'::regclass)"))
    assert await empty.ask(
        "SELECT bool_and(convalidated) FROM pg_constraint WHERE conrelid = 'component_executions'::regclass"
    )


async def test_keys_are_looked_at_beside_a_long_reader_and_a_writer(empty: Place) -> None:
    await empty.migrate("0026")
    is_valid = "SELECT convalidated FROM pg_constraint WHERE conname = 'execution_keys_project_id_connection_id_fkey'"
    assert await empty.ask(is_valid) is False
    reader, writer = await asyncpg.connect(empty.url), await asyncpg.connect(empty.url)
    async with reader.transaction(), writer.transaction():
        await reader.execute("SELECT count(*) FROM execution_keys, connections")
        await writer.execute("UPDATE execution_keys SET project_id = project_id")
        await empty.migrate("0026b", tries=1)
        assert await empty.ask(is_valid) is True
    await reader.close()
    await writer.close()


class TestCodeOfTheVersionBefore:
    async def test_it_works_with_a_newer_schema_that_says_so(self, empty: Place) -> None:
        await empty.migrate()
        await self._pretend(empty, works_from=head_revision())
        pool = await empty.open_login()
        assert await pool.fetchval("SELECT version_num FROM public.alembic_version") == "9999"
        await pool.close()

    async def test_it_refuses_one_that_took_away_what_it_needs(self, empty: Place) -> None:
        await empty.migrate()
        await self._pretend(empty, works_from="9998")
        with pytest.raises(StartupError, match="schema 9999, which is newer"):
            await empty.open_login()

    async def test_it_migrates_nothing_back(self, empty: Place) -> None:
        await empty.migrate()
        await self._pretend(empty, works_from=head_revision())
        with pytest.raises(StartupError, match="schema 9999, which is newer"):
            await empty.migrate()

    async def _pretend(self, place: Place, *, works_from: str) -> None:
        connection = await asyncpg.connect(place.url)
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        await tell_who_works_with_it(connection, works_from)
        await connection.close()
