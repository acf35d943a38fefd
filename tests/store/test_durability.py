"""A PostgreSQL that may forget what it has acknowledged is refused, in words that say what to switch on."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
import pytest_asyncio
from tests.acceptance.running import clean_environment
from tests.databases import Database, with_user
from tests.servers import make_shared_directory

from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.errors import StartupError
from watchglass.store.migrate import migrate
from watchglass.store.pool import check_login, open_pool
from watchglass.store.roles import Passwords, Roles

pytestmark = pytest.mark.acceptance


@dataclass(frozen=True)
class Server:
    """A PostgreSQL of this module's own, whose settings may be spoiled."""

    database: Database

    async def set(self, name: str, value: str | None) -> None:
        """Set it for the whole server; None: as it was."""
        admin = await asyncpg.connect(self.database.admin_url)
        try:
            await admin.execute(f"ALTER SYSTEM SET {name} = {value}" if value else f"ALTER SYSTEM RESET {name}")
            await admin.execute("SELECT pg_reload_conf()")
            wanted = value or "on"
            async with asyncio.timeout(30):
                while await admin.fetchval("SELECT current_setting($1)", name) != wanted:
                    await asyncio.sleep(0.02)
        finally:
            await admin.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server() -> AsyncIterator[Server]:
    directory = make_shared_directory()
    postgres = EmbeddedPostgres(directory)
    await postgres.start()
    roles = Roles(suffix="_durability")
    await migrate(postgres.admin_url, passwords=Passwords("login-pw", "sync-pw"), roles=roles)
    yield Server(
        Database(
            admin_url=postgres.admin_url,
            login_url=with_user(postgres.admin_url, user=roles.login, password="login-pw", database="watchglass"),
            sync_url=with_user(postgres.admin_url, user=roles.sync, password="sync-pw", database="watchglass"),
            roles=roles,
        )
    )
    await postgres.stop()
    shutil.rmtree(directory)


async def refusal(url: str) -> str:
    with pytest.raises(StartupError) as refused:
        await (await open_pool(url, size=1)).close()
    return refused.value.message


@pytest.mark.parametrize("setting", ["synchronous_commit", "fsync", "full_page_writes"])
async def test_a_server_that_may_forget_is_refused_until_it_may_not(server: Server, setting: str) -> None:
    await server.set(setting, "off")
    try:
        for url in (server.database.login_url, server.database.sync_url):
            assert f"PostgreSQL runs with {setting} = off" in await refusal(url)
        with pytest.raises(StartupError, match=f"{setting} = off"):
            await check_login(server.database.login_url)
    finally:
        await server.set(setting, None)
    for url in (server.database.login_url, server.database.sync_url):
        await (await open_pool(url, size=1)).close()


@pytest.mark.parametrize("setting", ["local", "remote_write", "remote_apply"])
async def test_what_is_on_disk_here_when_it_is_acknowledged_is_enough(server: Server, setting: str) -> None:
    await server.set("synchronous_commit", setting)
    try:
        await (await open_pool(server.database.sync_url, size=1)).close()
    finally:
        await server.set("synchronous_commit", None)


async def test_a_role_that_has_it_switched_off_for_itself_is_refused_alone(server: Server) -> None:
    role = server.database.roles.sync
    admin = await asyncpg.connect(server.database.admin_url)
    await admin.execute(f"ALTER ROLE {role} SET synchronous_commit = off")
    try:
        assert f"synchronous_commit = off for role {role} in database watchglass" in await refusal(
            server.database.sync_url
        )
        await (await open_pool(server.database.login_url, size=1)).close()
    finally:
        await admin.execute(f"ALTER ROLE {role} RESET synchronous_commit")
        await admin.close()


@pytest.mark.parametrize(("command", "starts"), [("doctor", "problem  database"), ("api", "watchglass: ")])
async def test_commands_say_it(server: Server, command: str, starts: str) -> None:
    await server.set("fsync", "off")
    try:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "watchglass", command],
            env=clean_environment(
                WATCHGLASS_DATABASE_URL=server.database.login_url,
                WATCHGLASS_SYNC_DATABASE_URL=server.database.sync_url,
                WATCHGLASS_ROLE_SUFFIX=server.database.roles.suffix,
            ),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        await server.set("fsync", None)
    assert done.returncode == 1, done.stderr
    said = (done.stdout + done.stderr).strip()
    assert said.startswith(starts), said
    assert "PostgreSQL runs with fsync = off" in said
