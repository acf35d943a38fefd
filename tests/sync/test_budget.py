"""The gate to a namespace: shared by processes, and open to who waits before all others."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from uuid import UUID, uuid4

from tests.databases import Database

from watchglass.model.connection import Budget, Connection
from watchglass.store.scope import Store, Writer
from watchglass.sync.budget import SharedGate, shares_of
from watchglass.temporal.access import CallKind


def connection_with(budget: Budget) -> Connection:
    return Connection(
        id=uuid4(),
        project_id=UUID(int=0),
        address=f"{uuid4()}:7233",
        namespace="default",
        is_embedded=False,
        ui_address=None,
        http_address=None,
        budget=budget,
    )


async def test_two_processes_together_never_exceed_the_budget(database: Database, store: Store) -> None:
    rate = 40.0
    connection = connection_with(Budget(history_per_second=rate))
    other = await database.open_store(size=4)
    made: list[float] = []

    async def calls_of(gate: SharedGate) -> None:
        while True:
            await gate.enter(CallKind.HISTORY)
            made.append(time.monotonic())

    began = time.monotonic()
    gates = [SharedGate(shares_of(where, connection), is_urgent=False) for where in (store, other)]
    tasks = [asyncio.create_task(calls_of(gate)) for gate in gates for _ in range(8)]
    await asyncio.sleep(3)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await other.close()
    for seconds in (1.0, 2.0, 3.0):
        assert sum(at - began <= seconds for at in made) <= rate * (seconds + 1), "a bucket, and what flowed into it"
    assert len(made) > rate, "it does let calls through"


async def test_who_waits_goes_ahead_of_a_drained_bucket(store: Store) -> None:
    connection = connection_with(Budget(visibility_per_second=1e-6, history_per_second=1e-6))
    shares = shares_of(store, connection)
    background, urgent = SharedGate(shares, is_urgent=False), SharedGate(shares, is_urgent=True)
    await background.enter(CallKind.HISTORY)
    waiting = [asyncio.create_task(background.enter(CallKind.HISTORY)) for _ in range(20)]
    for _ in range(3):
        await urgent.enter(CallKind.HISTORY)
    assert not any(task.done() for task in waiting)
    await background.enter(CallKind.VISIBILITY)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


class CountedStore:
    """A store whose transactions are counted."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.transactions = 0

    def write(self) -> AbstractAsyncContextManager[Writer]:
        self.transactions += 1
        return self._store.write()


async def test_calls_that_wait_together_are_taken_out_together(store: Store) -> None:
    counted = CountedStore(store)
    connection = connection_with(Budget(history_per_second=1000))
    gate = SharedGate(shares_of(counted, connection), is_urgent=False)  # type: ignore[arg-type]
    await asyncio.gather(*(gate.enter(CallKind.HISTORY) for _ in range(300)))
    assert counted.transactions <= 30, "the first one asks for one call, since it does not know the rate yet"
