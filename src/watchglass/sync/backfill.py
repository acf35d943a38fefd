"""Copy what a namespace has now, in this process: for a first fill, and for those who want to wait for it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from watchglass.model.connection import Connection
from watchglass.store.listed_runs import known_runs
from watchglass.store.queue import enqueue
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.discover import add_runs, not_ours, read_listed
from watchglass.sync.one import SyncOutcome, sync_executions
from watchglass.sync.parts import Parts
from watchglass.temporal.visibility import list_runs

BATCH_RUNS = 25
"""Runs that are written in one transaction."""
BATCHES_AT_ONCE = 2
"""While one batch is written, the next is read."""


@dataclass(frozen=True, slots=True)
class BackfillProgress:
    listed: int
    synced: int
    failed: int
    first_error: str | None

    def plus(self, outcomes: Sequence[SyncOutcome]) -> "BackfillProgress":
        errors = [outcome.error or "" for outcome in outcomes if not outcome.synced]
        return replace(
            self,
            synced=self.synced + len(outcomes) - len(errors),
            failed=self.failed + len(errors),
            first_error=self.first_error or (errors[0] if errors else None),
        )


async def backfill(
    parts: Parts,
    connection: Connection,
    *,
    since: datetime | None = None,
    query: str = "",
    show: Callable[[BackfillProgress], None] = lambda _: None,
) -> BackfillProgress:
    """List the runs that match and sync each of them; `show` is told how far it is.

    Raises:
        TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing
    """
    progress = BackfillProgress(0, 0, 0, None)
    turn = asyncio.Semaphore(BATCHES_AT_ONCE)

    async def sync(keys: Sequence[ExecutionKey]) -> None:
        nonlocal progress
        async with turn:
            outcomes = await sync_executions(parts, keys)
        progress = progress.plus(list(outcomes.values()))
        show(progress)

    async with asyncio.TaskGroup() as tasks:
        async for keys in list_keys(parts, connection, _query(since, query)):
            progress = BackfillProgress(
                progress.listed + len(keys), progress.synced, progress.failed, progress.first_error
            )
            show(progress)
            for start in range(0, len(keys), BATCH_RUNS):
                tasks.create_task(sync(keys[start : start + BATCH_RUNS]))
    return progress


async def list_and_queue(
    parts: Parts, connection: Connection, *, since: datetime | None = None, query: str = ""
) -> int:
    """List the runs that match and make them due for the workers; return how many there are."""
    count = 0
    async for keys in list_keys(parts, connection, _query(since, query)):
        async with parts.store.write() as writer:
            await enqueue(writer, keys)
        count += len(keys)
    return count


async def list_keys(parts: Parts, connection: Connection, query: str) -> AsyncIterator[list[ExecutionKey]]:
    """The executions that match, a page at a time; those that nobody has seen yet are inserted."""
    access = await parts.access(connection)
    async for page in list_runs(access, query):
        runs = [read_listed(info) for info in page]
        await add_runs(parts, connection, runs)
        async with parts.store.write() as reader:
            keys = await known_runs(reader, connection.id, [run.ref.run_id for run in runs])
        yield [keys[run.ref.run_id] for run in runs]


def _query(since: datetime | None, query: str) -> str:
    conditions = [not_ours()]
    if since is not None:
        conditions.append(f"StartTime >= '{since.astimezone(UTC).isoformat()}'")
    if query:
        conditions.append(f"({query})")
    return " AND ".join(conditions)
