"""A sync that dies before any one of its statements has changed nothing, and the next one carries on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.observed import Steps, new_id

from watchglass.store.scope import Store, Writer
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.one import sync_execution
from watchglass.sync.parts import Parts

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


Isolation = Literal["read_committed", "repeatable_read"]


class Crashed(BaseException):
    """The process is gone: nobody catches this."""


@dataclass
class Fuse:
    """Lets `left` statements pass and burns at the next."""

    left: int
    burnt: bool = False

    def step(self) -> None:
        if self.left == 0:
            self.burnt = True
            raise Crashed
        self.left -= 1


@dataclass
class FusedConnection:
    connection: Any
    fuse: Fuse

    async def fetch(self, *args: object) -> Any:
        self.fuse.step()
        return await self.connection.fetch(*args)

    async def fetchrow(self, *args: object) -> Any:
        self.fuse.step()
        return await self.connection.fetchrow(*args)

    async def fetchval(self, *args: object) -> Any:
        self.fuse.step()
        return await self.connection.fetchval(*args)

    async def execute(self, *args: object) -> Any:
        self.fuse.step()
        return await self.connection.execute(*args)


@dataclass(frozen=True, slots=True)
class FusedStore(Store):
    fuse: Fuse = field(default_factory=lambda: Fuse(0))

    @asynccontextmanager
    async def write(self, *, isolation: Isolation = "read_committed") -> AsyncIterator[Writer]:
        async with self.sync.acquire() as connection, connection.transaction(isolation=isolation):
            yield Writer(FusedConnection(connection, self.fuse))
            # The last point at which a process can die with its work undone.
            self.fuse.step()


async def crash_everywhere(bench: Bench, key: ExecutionKey) -> int:
    """Sync with a crash before the first statement, the second, …; return at how many points it crashed."""
    before = await bench.digest(key)
    for point in range(1000):
        fuse = Fuse(point)
        store = FusedStore(bench.store.login, bench.store.sync, bench.store.user_role, fuse=fuse)
        parts = Parts(store, bench.parts.clients)
        try:
            outcome = await sync_execution(parts, key)
        except Crashed:
            assert await bench.digest(key) == before, f"a crash at point {point} left something behind"
            await assert_totals_equal_recomputation(bench.store)
            continue
        assert outcome.synced and not fuse.burnt
        return point
    raise AssertionError("the sync never came to its end")


async def test_no_crash_point_leaves_anything_half_done(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("crashed"), task_queue=bench.queue)
    await handle.signal(Steps.step, "one")
    key = await bench.key_of(handle)
    assert await crash_everywhere(bench, key) > 10, "first sync"
    await handle.signal(Steps.step, "two")
    await handle.signal(Steps.finish)
    await handle.result()
    assert await crash_everywhere(bench, key) > 10, "increment that closes the run"
    await assert_totals_equal_recomputation(bench.store)
    after = await bench.digest(key)
    await sync_execution(bench.parts, key)
    assert await bench.digest(key) == after
