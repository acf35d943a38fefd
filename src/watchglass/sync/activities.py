"""The activities behind the system workflows: everything that touches Temporal's namespaces and the database."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import structlog
from temporalio import activity

from watchglass.errors import WatchglassError
from watchglass.model.connection import Connection
from watchglass.store.connections import save_trouble
from watchglass.store.outage import is_outage
from watchglass.store.queue import claim_due, kept_for_less, lease
from watchglass.store.seal import Unsealable
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.claims import LEASE_SECONDS, LET_GO_SECONDS, RENEW_SECONDS, Claims
from watchglass.sync.connections import explain_trouble
from watchglass.sync.discover import discover
from watchglass.sync.due import wait_until_due
from watchglass.sync.listening import Listening
from watchglass.sync.listing import Discovered, listed_together
from watchglass.sync.messages import BatchResult, Due, Key, SyncResult
from watchglass.sync.one import SyncOutcome, sync_execution, sync_executions
from watchglass.sync.parts import Parts
from watchglass.sync.patrol import ROUND_SECONDS, Patrol
from watchglass.sync.schedules import Schedules
from watchglass.sync.unheard import answer_is_lost
from watchglass.temporal.errors import NamespaceMissing, TemporalRefused

log = structlog.get_logger()

Answer = TypeVar("Answer")

DISCOVER_EVERY_EMBEDDED = 1.0
DISCOVER_EVERY = 5.0
"""Seconds between two listings of a namespace."""
LONG_SECONDS = 600.0
"""How long a waiting activity stays before it returns, so that an idle coordinator starts few of them."""
CLAIM_LIMIT = 600
"""Executions that are taken at a time: a second's work or two, so that other workers find something too."""
BACKFILL_RUNS = 1000
_BATCH_READ = 25
"""Runs of a batch that are read and written together; the heartbeat between shows that the batch is alive."""
_BEGUN = "begun"
"""What a batch tells with its heartbeats from the moment on at which its executions are kept by itself."""


@dataclass(frozen=True, slots=True)
class Activities:
    parts: Parts
    listening: Listening
    claims: Claims

    @activity.defn(name="discover")
    async def discover(self, connection_id: str) -> None:
        """List the namespace again and again; trouble is shown on the project's page and tried again."""
        end = time.monotonic() + LONG_SECONDS
        pause = 0.0
        async with _heartbeats():
            while time.monotonic() < end and not activity.is_worker_shutdown():
                # Anew in each round: its settings may have changed.
                connection = await self.parts.connection(UUID(connection_id))
                every = DISCOVER_EVERY_EMBEDDED if connection.is_embedded else DISCOVER_EVERY
                found = await self._discover_once(connection)
                pause = every if found is not None else min(max(pause, every) * 2, 30.0)
                if found is None or found.is_complete:
                    await _rest(pause)

    async def _discover_once(self, connection: Connection) -> Discovered | None:
        try:
            return await discover(self.parts, connection)
        except WatchglassError as error:
            reason = await explain_trouble(self.parts, connection, error)
            log.warning("namespace_not_listed", namespace=connection.namespace, reason=reason)
            state = "refused" if isinstance(error, TemporalRefused | NamespaceMissing | Unsealable) else "unreachable"
            async with self.parts.store.write() as writer:
                for other in await listed_together(self.parts, connection):
                    await save_trouble(writer, other, state=state, error=reason)
            return None

    @activity.defn(name="patrol")
    async def patrol(self, connection_id: str) -> None:
        """Look after the connection's open runs and its schedules, round after round.

        Discovery tells when the namespace is away.
        """
        connection = await self.parts.connection(UUID(connection_id))
        patrol, schedules = Patrol(self.parts, connection), Schedules(self.parts, connection)
        end = time.monotonic() + LONG_SECONDS
        async with _heartbeats():
            while time.monotonic() < end and not activity.is_worker_shutdown():
                began = time.monotonic()
                try:
                    await patrol.walk()
                    await schedules.follow(seconds=ROUND_SECONDS)
                except WatchglassError as error:
                    log.warning("patrol_interrupted", connection_id=connection_id, reason=error.message)
                await _rest(max(ROUND_SECONDS - (time.monotonic() - began), 1.0))

    @activity.defn(name="wait_for_work")
    async def wait_for_work(self, connection_id: str) -> Due:
        """Sleep until executions are due, and take them; empty-handed after ten minutes."""
        end = time.monotonic() + LONG_SECONDS
        backfill_limit = _backfill_limit(await self.parts.connection(UUID(connection_id)))
        async with _heartbeats():
            while time.monotonic() < end and not activity.is_worker_shutdown():
                async with self.parts.store.write() as writer:
                    claim = await claim_due(
                        writer,
                        connection_id=UUID(connection_id),
                        limit=CLAIM_LIMIT,
                        lease_seconds=LEASE_SECONDS,
                        backfill_limit=backfill_limit,
                    )
                if claim.runs:
                    self.claims.keep(claim, answer_is_lost())
                    return Due(
                        keys=[_message(key) for key, has_failed in claim.runs if not has_failed],
                        alone=[_message(key) for key, has_failed in claim.runs if has_failed],
                    )
                await _unless_stopped(
                    wait_until_due(
                        self.parts.store,
                        self.listening,
                        UUID(connection_id),
                        seconds=end - time.monotonic(),
                        backfill_limit=backfill_limit,
                    )
                )
        return Due()

    @activity.defn(name="sync_one")
    async def sync_one(self, key: Key) -> SyncResult:
        told: list[str] = []
        async with _heartbeats(told), self._kept_from_queue([_key(key)], told):
            return _result(await sync_execution(self.parts, _key(key)))

    @activity.defn(name="sync_batch")
    async def sync_batch(self, keys: Sequence[Key]) -> BatchResult:
        """Sync `keys` part by part.

        A second attempt leaves to the first what that one still keeps: it is slow, and at work.
        """
        apart: list[Key] = []
        told: list[str] = []
        left = [_key(key) for key in keys]
        if _BEGUN in activity.info().heartbeat_details:
            async with self.parts.store.write() as reader:
                let_go = await kept_for_less(reader, left, seconds=LET_GO_SECONDS)
            left = [key for key in left if key in let_go]
        count = len(left)
        async with _heartbeats(told), self._kept_from_queue(left, told):
            while left:
                part = left[:_BATCH_READ]
                outcomes = await _finished(sync_executions(self.parts, part))
                apart += [_message(key) for key, outcome in outcomes.items() if not (outcome.synced or outcome.is_away)]
                del left[: len(part)]
        return BatchResult(synced=count - len(apart), failed=apart)

    @asynccontextmanager
    async def _kept_from_queue(self, keys: Sequence[ExecutionKey], told: list[str]) -> AsyncIterator[None]:
        """Nobody else takes `keys`, as they are at each moment, while the block runs; `told` hears when that is so."""

        async def keep() -> None:
            while True:
                try:
                    async with self.parts.store.write() as writer:
                        await lease(writer, keys, seconds=LEASE_SECONDS)
                    if not told:
                        told.append(_BEGUN)
                        activity.heartbeat(*told)
                except Exception as error:
                    if not is_outage(error):
                        raise
                    log.warning("work_not_kept", reason=str(error))
                await asyncio.sleep(RENEW_SECONDS)

        task = asyncio.create_task(keep())
        try:
            yield
        finally:
            task.cancel()


async def _finished(part: Coroutine[Any, Any, Answer]) -> Answer:
    """What `part` gives; it comes to its end even if the server meanwhile gave this activity up for slow.

    What was read would be read a second time if it were not written.
    """
    task = asyncio.create_task(part)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        why = activity.cancellation_details()
        if why is None or not (why.timed_out or why.not_found):
            task.cancel()
        await asyncio.wait([task])
        raise


@asynccontextmanager
async def _heartbeats(told: Sequence[str] = (), every: float = 2.0) -> AsyncIterator[None]:
    """Tell the server that this activity is alive, so that one whose worker died moves on within seconds.

    `told`, as it is at each moment, is what the next attempt learns of this one.
    """

    async def beat() -> None:
        while True:
            activity.heartbeat(*told)
            await asyncio.sleep(every)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()


async def _rest(seconds: float) -> None:
    """Sleep; not for as long when the worker stops, which then lets go of what waits at once."""
    await _unless_stopped(asyncio.sleep(seconds))


async def _unless_stopped(waiting: Coroutine[Any, Any, None]) -> None:
    """Wait for `waiting`, or until the worker is asked to stop."""
    tasks = {asyncio.create_task(waiting), asyncio.create_task(activity.wait_for_worker_shutdown())}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _backfill_limit(connection: Connection) -> int:
    """How many runs of back-fill jobs are worked on at a time: what the budget lets through well within a lease."""
    if connection.is_embedded:
        return BACKFILL_RUNS
    return int(min(max(connection.budget.history_per_second * 10, 50), BACKFILL_RUNS))


def _key(key: Key) -> ExecutionKey:
    return ExecutionKey(UUID(key.project_id), UUID(key.execution_id))


def _message(key: ExecutionKey) -> Key:
    return Key(str(key.project_id), str(key.id))


def _result(outcome: SyncOutcome) -> SyncResult:
    return SyncResult(outcome.synced, outcome.changed, outcome.error, outcome.is_retrying)
