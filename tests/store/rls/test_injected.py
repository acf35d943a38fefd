"""What an injected statement could do, as docs/decisions/who-may-open-the-door.md tells it."""

import asyncpg
import pytest
from tests.databases import Database


async def test_the_user_role_may_not_open_the_door_and_after_reset_role_the_login_role_may(database: Database) -> None:
    store = await database.open_store(size=1)
    try:
        for resets in (False, True):
            async with store.login.acquire() as connection, connection.transaction():
                await connection.execute("SELECT set_config('role', $1, true)", store.user_role)
                if resets:
                    await connection.execute("RESET ROLE")
                    await connection.fetch("SELECT * FROM app.password_of('nobody')")
                    continue
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    async with connection.transaction():
                        await connection.fetch("SELECT * FROM app.password_of('nobody')")
    finally:
        await store.close()


@pytest.mark.parametrize("table", ["users", "sessions", "api_tokens"])
async def test_not_even_the_login_role_reads_the_tables_themselves(database: Database, table: str) -> None:
    store = await database.open_store(size=1)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await store.login.fetch(f"SELECT * FROM {table}")
    finally:
        await store.close()
