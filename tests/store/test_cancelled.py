"""Who is cancelled ends, whatever the database does in that moment: else it would go on for ever, and nobody knew.

Each loop that waits for the server's return goes on after an outage. A cancellation must not look like one.
"""

import asyncio
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment
from tests.databases import Database

from watchglass.store.outage import is_outage
from watchglass.store.scope import Store, Writer
from watchglass.sync import activities as activities_module
from watchglass.sync.activities import Activities
from watchglass.sync.claims import Claims
from watchglass.sync.listening import Listening
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients


class Held:
    """A transaction that stands open until its connection is gone."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open, self._lost = asyncio.Event(), asyncio.Event()
        self._pid = 0
        self.times = 0

    async def stand(self, writer: Writer) -> None:
        self.times += 1
        if self.times > 1:
            raise RuntimeError("whoever was cancelled has gone on")
        writer.connection.add_termination_listener(lambda _: self._lost.set())
        self._pid = await writer.fetchval("SELECT pg_backend_pid()")
        self._open.set()
        await asyncio.sleep(3600)

    async def lose(self) -> None:
        """Return when it is open, and its connection gone."""
        await self._open.wait()
        async with self._store.write() as other:
            assert await other.fetchval("SELECT pg_terminate_backend($1)", self._pid)
        await self._lost.wait()


async def has_ended(task: asyncio.Task[Any]) -> bool:
    await asyncio.wait([task], timeout=30)
    return task.done()


async def test_a_cancellation_is_not_taken_for_an_outage(store: Store) -> None:
    held = Held(store)

    async def go_on() -> None:
        while True:
            try:
                async with store.write() as writer:
                    await held.stand(writer)
            except Exception as error:
                if not is_outage(error):
                    raise

    task = asyncio.create_task(go_on())
    await held.lose()
    task.cancel()
    assert await has_ended(task)
    assert task.cancelled()
    assert held.times == 1


async def test_a_statement_that_ran_out_of_time_is_no_cancellation(store: Store) -> None:
    held = Held(store)

    async def wait() -> None:
        async with asyncio.timeout(3600) as limit, store.write() as writer:
            limits.append(limit)
            await held.stand(writer)

    limits: list[asyncio.Timeout] = []
    task = asyncio.create_task(wait())
    await held.lose()
    limits[0].reschedule(0)
    with pytest.raises(TimeoutError):
        await task


async def test_nobody_keeps_a_run_whose_sync_has_ended(
    database: Database, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lease that was being written when its sync was broken off, and the database with it, is the last one."""
    held = Held(store)
    lease = activities_module.lease

    async def slow_lease(writer: Writer, *arguments: Any, **options: Any) -> None:
        await lease(writer, *arguments, **options)
        await held.stand(writer)

    monkeypatch.setattr(activities_module, "lease", slow_lease)
    monkeypatch.setattr(activities_module, "RENEW_SECONDS", 0.0)
    activities = Activities(Parts(store, Clients()), Listening(store), Claims(store))
    before = asyncio.all_tasks()

    async def sync_is_broken_off() -> list[asyncio.Task[Any]]:
        async with activities._kept_from_queue([], []):
            await held.lose()
            return [task for task in asyncio.all_tasks() - before if task.get_coro().__qualname__.endswith(".keep")]

    (keeper,) = await ActivityEnvironment().run(sync_is_broken_off)
    assert await has_ended(keeper)
    assert held.times == 1


async def test_who_leaves_while_a_transaction_ends_leaves_no_trace(store: Store) -> None:
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(str(context["message"])))
    async with store.write() as writer:
        lock = "SELECT pg_advisory_xact_lock_shared(4711)"
        await writer.execute(lock)
        for seconds in (0.0, 0.0002, 0.0005, 0.001, 0.002) * 8:
            task = asyncio.create_task(_lock_for_a_moment(store, lock))
            await asyncio.sleep(seconds)
            task.cancel()
            await asyncio.wait([task])
    async with store.sync.acquire() as connection:
        await connection.execute("BEGIN")
        with pytest.raises(TimeoutError):
            await connection.execute("ROLLBACK;", timeout=0)
    async with store.write() as writer:
        # Nobody holds it any more, and every connection can be used again.
        assert await writer.fetchval("SELECT pg_try_advisory_xact_lock(4711)")
    assert not [message for message in told if "active transaction" in message]
    async with store.sync.acquire() as connection:
        await connection.execute("BEGIN")
    assert [message for message in told if "active transaction" in message], "one that nobody ended is a bug"


async def _lock_for_a_moment(store: Store, lock: str) -> None:
    async with store.write() as writer:
        await writer.execute(lock)
