"""Transactions: a reader sees one person's projects, the sync writes for all of them.

The two are different types, so that a query written for a reader cannot be given a writer by mistake.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import asyncpg

from watchglass.model.project import Principal
from watchglass.store.outage import is_outage
from watchglass.store.pool import TURN_SECONDS
from watchglass.store.seal import Seal

ALONE_SECONDS = 900.0
"""Who is alone may have much to do in one statement, and nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A read-only transaction in which Row Level Security shows the asking person's projects and nothing else."""

    connection: Any
    seconds: float | None = None
    """How long a statement may take; None: as long as the pool lets it."""

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self.connection.fetch(query, *args, timeout=self.seconds)
        return rows

    async def fetchrow(self, query: str, *args: object) -> asyncpg.Record | None:
        row: asyncpg.Record | None = await self.connection.fetchrow(query, *args, timeout=self.seconds)
        return row

    async def fetchval(self, query: str, *args: object) -> Any:
        return await self.connection.fetchval(query, *args, timeout=self.seconds)


@dataclass(frozen=True, slots=True)
class Writer(Reader):
    """A transaction that may write what its role may. Nothing below the one who opened it commits."""

    async def execute(self, query: str, *args: object) -> str:
        status: str = await self.connection.execute(query, *args, timeout=self.seconds)
        return status


@asynccontextmanager
async def _transaction(pool: asyncpg.Pool, **options: Any) -> AsyncIterator[Any]:
    """A connection in a transaction of its own."""
    with _told_of_cancelling():
        async with pool.acquire(timeout=TURN_SECONDS) as connection, connection.transaction(**options):
            yield connection


@contextmanager
def _told_of_cancelling() -> Iterator[None]:
    """Who is cancelled is told so, also when the connection is lost: the rollback fails then, and its error would take
    the cancellation's place. Whoever waits for the server's return and goes on would go on for ever.
    """
    try:
        yield
    except Exception as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling() and is_outage(error):
            raise asyncio.CancelledError from error
        raise


@asynccontextmanager
async def _lock_held(connection: Any, lock: tuple[int, str]) -> AsyncIterator[bool]:
    """Hold the session's advisory lock if nobody else does. A COMMIT inside lets go of it with all the pool resets."""
    is_held = bool(await connection.fetchval("SELECT pg_try_advisory_lock($1, hashtext($2))", *lock))
    try:
        yield is_held
    except BaseException:
        # A connection that is lost has let go of it already.
        if is_held and not connection.is_closed():
            await connection.execute("SELECT pg_advisory_unlock($1, hashtext($2))", *lock)
        raise


@dataclass(frozen=True, slots=True)
class Store:
    """The two pools of one process, and its key."""

    login: asyncpg.Pool
    sync: asyncpg.Pool
    user_role: str = "watchglass_user"
    seal: Seal = field(default_factory=Seal)
    """Opens and closes what is encrypted in the database; without a key unless this process was given one."""

    @asynccontextmanager
    async def read_as(
        self, principal: Principal, *, isolation: Literal["read_committed", "repeatable_read"] = "read_committed"
    ) -> AsyncIterator[Reader]:
        """Read what `principal` may see. Settings are local to the transaction, so nothing leaks into the pool.

        `repeatable_read`: all statements see the database of one moment.
        """
        async with _transaction(self.login, readonly=True, isolation=isolation) as connection:
            await self._become(connection, principal)
            yield Reader(connection)

    @asynccontextmanager
    async def write_as(self, principal: Principal) -> AsyncIterator[Writer]:
        """Change what `principal` may change, through definer functions: the role itself may write no table."""
        async with _transaction(self.login) as connection:
            await self._become(connection, principal)
            yield Writer(connection)

    async def _become(self, connection: Any, principal: Principal) -> None:
        await connection.execute(
            "SELECT set_config('role', $1, true), set_config('app.session', $2, true)",
            self.user_role,
            principal.session_hash.hex(),
        )

    @asynccontextmanager
    async def write(
        self, *, isolation: Literal["read_committed", "repeatable_read"] = "read_committed"
    ) -> AsyncIterator[Writer]:
        """One transaction of the sync role; commits when the block ends without an error.

        `repeatable_read`: all of its statements see the database of one moment.
        """
        async with _transaction(self.sync, isolation=isolation) as connection:
            yield Writer(connection)

    @asynccontextmanager
    async def alone(self, lock: int, project_id: UUID) -> AsyncIterator[Writer | None]:
        """A transaction of one moment, as the only one who holds the lock for the project; None when somebody does.

        The lock is taken before the moment is chosen, so that all that its last holder did is seen.
        """
        held = (lock, str(project_id))
        with _told_of_cancelling():
            async with self.sync.acquire(timeout=TURN_SECONDS) as connection, _lock_held(connection, held) as is_held:
                if not is_held:
                    yield None
                    return
                async with connection.transaction(isolation="repeatable_read"):
                    await connection.execute(f"SET LOCAL statement_timeout = '{ALONE_SECONDS:.0f}s'")
                    yield Writer(connection, ALONE_SECONDS)

    @asynccontextmanager
    async def door(self) -> AsyncIterator[Writer]:
        """One transaction of the bare login role, which can open the door (sessions, tokens) and nothing else."""
        async with _transaction(self.login) as connection:
            yield Writer(connection)

    async def close(self) -> None:
        await self.login.close()
        await self.sync.close()
