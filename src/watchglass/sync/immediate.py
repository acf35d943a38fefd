"""Sync for the person who is looking: shared, and never more often than helps.

A caller has made sure, under Row Level Security, that the person asking may see the execution; from there on the sync
role does the work. How long to wait for it is the caller's to decide: a sync goes on when nobody waits any longer.
"""

import asyncio
import math
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from watchglass.errors import WatchglassError
from watchglass.model.connection import Level
from watchglass.model.refresh import Refreshed
from watchglass.model.status import SyncStatus
from watchglass.parse import PARSE_VERSION
from watchglass.parse.describe import parse_described
from watchglass.parse.redaction.messages import redact
from watchglass.store.followed import want_watched
from watchglass.store.listed_runs import known_runs
from watchglass.store.queue import enqueue, enqueue_set_aside
from watchglass.store.sync_states import ExecutionKey, SyncState, read_state
from watchglass.sync.estimate import Estimate, estimate
from watchglass.sync.freshness import GONE_CHECK_SECONDS, STALE_SECONDS, WATCH_NOTED_SECONDS, WATCHED_SECONDS
from watchglass.sync.gone import check_gone
from watchglass.sync.listing import add_runs
from watchglass.sync.messages import SYSTEM_QUEUE, SYSTEM_TYPES
from watchglass.sync.one import sync_execution
from watchglass.sync.parts import Parts
from watchglass.sync.rederive import rederive
from watchglass.temporal.describe import describe_run
from watchglass.temporal.errors import RunMissing

log = structlog.get_logger()

PAUSE_SECONDS = 2.0
"""After a try that failed, the same run is not tried again for this long: a page that refreshes is answered at once."""

_UNKNOWN = Refreshed(synced=False, changed=False, error="There is no such execution.")
_FRESH = Refreshed(synced=True, changed=False)


class ImmediateSync:
    """One process's syncs on request; requests for one execution share one."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts.for_somebody()
        self._running: dict[UUID, asyncio.Task[Refreshed]] = {}
        self._failed: dict[UUID, tuple[float, Refreshed]] = {}
        self._watched: dict[UUID, float] = {}
        """When it was last noted that somebody looks at an execution."""

    async def refresh(self, execution_id: UUID, *, force: bool = False) -> Refreshed:
        """Make the copy equal to Temporal, unless that was done a moment ago (`force`: even then)."""
        task = self._running.get(execution_id)
        if task is None:
            failed_at, answer = self._failed.get(execution_id, (0.0, _UNKNOWN))
            if not force and time.monotonic() - failed_at < PAUSE_SECONDS:
                return answer
            task = asyncio.create_task(self._refresh(execution_id, force=force), name=f"refresh {execution_id}")
            self._running[execution_id] = task
            task.add_done_callback(lambda done: self._end(execution_id, done))
        return await asyncio.shield(task)

    def _end(self, execution_id: UUID, task: asyncio.Task[Refreshed]) -> None:
        del self._running[execution_id]
        now = time.monotonic()
        self._failed = {key: entry for key, entry in self._failed.items() if now - entry[0] < PAUSE_SECONDS}
        if not task.cancelled() and task.exception() is None and task.result().error:
            self._failed[execution_id] = (now, task.result())

    async def watch(self, project_id: UUID, execution_id: UUID) -> None:
        """Somebody looks at an open execution: have it followed for a while."""
        now = time.monotonic()
        if now - self._watched.get(execution_id, -math.inf) < WATCH_NOTED_SECONDS:
            return
        self._watched = {key: at for key, at in self._watched.items() if now - at < WATCH_NOTED_SECONDS}
        self._watched[execution_id] = now
        key = ExecutionKey(project_id, execution_id)
        async with self._parts.store.write() as writer:
            await want_watched(writer, key, seconds=WATCHED_SECONDS, at_most_every=WATCH_NOTED_SECONDS)

    async def _refresh(self, execution_id: UUID, *, force: bool) -> Refreshed:
        state = await self._state(execution_id)
        if state is None:
            return _UNKNOWN
        if state.synced_event_id and state.derived_version < PARSE_VERSION:
            # First, and without Temporal: also who cannot reach it sees what today's rules say.
            await rederive(self._parts.store, [state.key])
            return await self._sync(await self._state(execution_id) or state, force=force)
        return await self._sync(state, force=force)

    async def _state(self, execution_id: UUID) -> SyncState | None:
        async with self._parts.store.write() as reader:
            return await read_state(reader, execution_id)

    async def _sync(self, state: SyncState, *, force: bool) -> Refreshed:
        if state.sync_status is SyncStatus.GONE:
            return Refreshed(synced=False, changed=False)
        if state.is_final:
            return await self._check_gone(state)
        if not force and state.level is Level.LIST:
            return _FRESH
        if not force and _age(state.synced_at) < timedelta(seconds=STALE_SECONDS):
            return _FRESH
        outcome = await sync_execution(self._parts, state.key)
        return Refreshed(outcome.synced, outcome.changed, outcome.error)

    async def _check_gone(self, state: SyncState) -> Refreshed:
        """A run copied to its end needs no sync; now and then it is worth knowing whether Temporal still has it."""
        pause = timedelta(minutes=1) if state.missing_since else timedelta(seconds=GONE_CHECK_SECONDS)
        if _age(state.source_checked_at) >= pause:
            try:
                await check_gone(self._parts, state)
            except WatchglassError as error:
                log.info("source_not_checked", execution_id=str(state.key.id), reason=error.message)
        return _FRESH

    async def resolve(self, connection_id: UUID, *, workflow_id: str, run_id: str | None) -> UUID | None:
        """The execution of a run, copied now when nobody has seen it yet; None when Temporal has no such run.

        Raises:
            TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing
        """
        known = await self._known(connection_id, run_id) if run_id else None
        if known is not None:
            return known if await self._is_of(known, workflow_id) else None
        connection = await self._parts.connection(connection_id)
        access = await self._parts.access(connection)
        try:
            answer = await describe_run(access, workflow_id, run_id or "")
        except RunMissing:
            return None
        redactor = await self._parts.redactor(connection)
        if redactor is not None:
            redact(answer, redactor)
        described = parse_described(answer)
        if described.type in SYSTEM_TYPES and described.task_queue == SYSTEM_QUEUE:
            return None
        new = await add_runs(self._parts, connection, [described])
        found = new[0].id if new else await self._known(connection_id, described.ref.run_id)
        if found is not None:
            await self.refresh(found)
        return found

    async def _is_of(self, execution_id: UUID, workflow_id: str) -> bool:
        async with self._parts.store.write() as reader:
            state = await read_state(reader, execution_id)
        return state is not None and state.ref.workflow_id == workflow_id

    async def _known(self, connection_id: UUID, run_id: str) -> UUID | None:
        async with self._parts.store.write() as reader:
            keys = await known_runs(reader, connection_id, [run_id])
        return keys[run_id].id if run_id in keys else None

    async def estimate(self, connection_id: UUID, *, since: datetime | None) -> Estimate:
        """What copying the runs that started at or after `since` would cost.

        Raises:
            TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing
        """
        return await estimate(self._parts, connection_id, since)

    async def enqueue(self, execution_id: UUID) -> None:
        """Put the execution at the head of the queue, also when it was set aside."""
        async with self._parts.store.write() as writer:
            state = await read_state(writer, execution_id)
            if state is not None:
                await enqueue(writer, [state.key])

    async def enqueue_set_aside(self, project_id: UUID) -> int:
        """Put all that the project has set aside at the head of the queue; returns how many that are."""
        async with self._parts.store.write() as writer:
            return await enqueue_set_aside(writer, project_id)


def _age(moment: datetime | None) -> timedelta:
    return timedelta.max if moment is None else datetime.now(UTC) - moment
