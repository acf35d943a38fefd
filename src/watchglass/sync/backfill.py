"""List what a back-fill job covers and queue it: window by window, from where the last one who did so stopped.

The job is held by one process at a time, in the database. The workers copy what it queues; `watchglass sync --wait`
holds a job itself and copies what it lists in its own process.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import structlog

from watchglass.errors import WatchglassError, said
from watchglass.model.connection import Connection
from watchglass.store.backfills import (
    Advance,
    Backfill,
    NewBackfill,
    Phase,
    add_backfill,
    advance,
    apply_levels,
    finish_copied,
    hold_next,
    note_trouble,
    release_cancelled,
)
from watchglass.store.outage import is_outage
from watchglass.store.queue import Place, notify_due
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.closing_windows import ClosingWindow, Sweep
from watchglass.sync.listed import take_in
from watchglass.sync.listing import read_listed
from watchglass.sync.one import SyncOutcome, sync_executions
from watchglass.sync.parts import Parts
from watchglass.sync.question import question
from watchglass.temporal.access import Access
from watchglass.temporal.errors import QuestionRefused
from watchglass.temporal.visibility import BULK_SECONDS, count_runs, describe_namespace, list_runs

log = structlog.get_logger()

HELD_SECONDS = 30.0
"""A job whose holder says nothing for so long is taken over."""
_RENEW_SECONDS = 8.0
_LOOK_SECONDS = 1.0
_TROUBLE_SECONDS = 5.0
_LATE = timedelta(minutes=2)
"""How long before the open runs were listed one may have closed without being listed as closed yet."""
_LEVEL_ROWS = 1000
BATCH_RUNS = 25
"""Runs that are written in one transaction."""
BATCHES_AT_ONCE = 2
"""While one batch is written, the next is read."""
_AHEAD_BATCHES = 40
"""How far listing runs ahead of copying in this process."""
_OWN_SECONDS = 120.0
"""What this process lists to copy itself is left to it for so long; when it dies, the workers copy it then."""


class HoldLost(WatchglassError):
    """Somebody else holds the job now, or it was cancelled."""


@dataclass(slots=True)
class Backfills:
    """Walks the jobs of every connection, one a connection at a time, until cancelled."""

    parts: Parts
    _walking: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                try:
                    await self._look(tasks)
                except Exception as error:
                    if not is_outage(error):
                        raise
                    log.warning("backfills_wait", reason=f"The database does not answer: {error}")
                await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self, tasks: asyncio.TaskGroup) -> None:
        async with self.parts.store.write() as writer:
            await finish_copied(writer)
            await release_cancelled(writer)
        while True:
            async with self.parts.store.write() as writer:
                job = await hold_next(writer, holder=uuid4(), seconds=HELD_SECONDS, without=list(self._walking))
            if job is None:
                return
            task = tasks.create_task(self._walk(job), name=f"backfill {job.id}")
            self._walking[job.connection_id] = task
            task.add_done_callback(partial(self._walked, job.connection_id))

    def _walked(self, connection_id: UUID, _: object) -> None:
        del self._walking[connection_id]

    async def _walk(self, job: Backfill) -> None:
        try:
            async with held(self.parts.store, job):
                async for _ in walk(self.parts, job):
                    pass
        except HoldLost:
            log.info("backfill_left", backfill_id=str(job.id))
        except WatchglassError as error:
            await self._stand_still(job, error.message, is_over=isinstance(error, QuestionRefused))
        except Exception as error:
            if is_outage(error):
                log.warning(
                    "backfill_stands_still", backfill_id=str(job.id), reason=f"The database is away: {said(error)}"
                )
                return
            # One job that nobody expected must not end the others, nor what else this process does.
            log.error("backfill_defect", backfill_id=str(job.id), exc_info=error)
            told = f"Watchglass could not carry it on ({type(error).__name__}: {error}). Please report this; "
            await self._stand_still(job, f"{told}it is tried again by itself.", is_over=False)

    async def _stand_still(self, job: Backfill, reason: str, *, is_over: bool) -> None:
        log.warning("backfill_stands_still", backfill_id=str(job.id), reason=reason)
        try:
            async with self.parts.store.write() as writer:
                await note_trouble(writer, job, error=reason, is_over=is_over)
        except Exception as error:
            if not is_outage(error):
                raise
            # The hold runs out by itself.
            log.warning("backfills_wait", reason=f"The database does not answer: {error}")
        await asyncio.sleep(_TROUBLE_SECONDS)


@asynccontextmanager
async def held(store: Store, job: Backfill) -> AsyncIterator[None]:
    """Hold the job on while the block runs, also where one step of it takes long."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            try:
                async with store.write() as writer:
                    if not await advance(writer, job, Advance(), seconds=HELD_SECONDS):
                        return
            except Exception as error:
                # The walk meets the same outage with its next page, and ends there.
                if not is_outage(error):
                    raise

    renewing = asyncio.create_task(renew())
    try:
        yield
    finally:
        renewing.cancel()


@dataclass(frozen=True, slots=True)
class Walked:
    """A page of what a job covers."""

    listed: int
    keys: Sequence[ExecutionKey]
    """Runs on it that are to be copied, or to be copied again because they are open."""


async def walk(parts: Parts, job: Backfill, *, held_seconds: float | None = None) -> AsyncIterator[Walked]:
    """List what the job still has to list, and queue it; `held_seconds`: for this process alone.

    Raises:
        HoldLost, TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing
    """
    if job.phase is Phase.LEVELS:
        async for walked in _walk_levels(parts.store, job):
            yield walked
        return
    connection = await parts.connection(job.connection_id)
    pages = _Pages(parts, connection, await parts.access(connection), job, Place(job.id, held_seconds))
    if job.phase is Phase.CLOSED:
        async for walked in _walk_closed(pages):
            yield walked
    if job.phase in (Phase.CLOSED, Phase.OPEN):
        now = datetime.now(UTC)
        await pages.note(Advance(phase=Phase.OPEN, open_since=now))
        job = replace(job, open_since=now)
        async for walked in pages.list("CloseTime IS NULL"):
            yield walked
        await pages.note(Advance(phase=Phase.LATE))
    since = (job.open_since or datetime.now(UTC)) - _LATE
    async for walked in pages.list(ClosingWindow(since, None).condition, again=True):
        yield walked
    await pages.note(Advance(phase=Phase.COPYING))


async def _walk_closed(pages: "_Pages") -> AsyncIterator[Walked]:
    job = pages.job
    if job.expected_runs is None:
        await pages.note(Advance(expected=await pages.count()))
    now = datetime.now(UTC)
    kept_since = now - timedelta(seconds=(await describe_namespace(pages.access)).retention_seconds)
    sweep = Sweep.over(max(kept_since, job.from_at) if job.from_at else kept_since, now)
    listed_until = job.listed_until
    while True:
        window = sweep.window(listed_until)
        count = await pages.count(window.condition)
        narrower = sweep.fitted(count)
        if narrower is not None:
            sweep = narrower
            continue
        if count:
            async for walked in pages.list(window.condition):
                yield walked
        if window.end is None:
            return
        listed_until = window.end
        await pages.note(Advance(listed_until=listed_until))
        sweep = sweep.after(count)


@dataclass(frozen=True, slots=True)
class _Pages:
    """Lists parts of what a job covers, and keeps each page with how far the job is, or not at all."""

    parts: Parts
    connection: Connection
    access: Access
    job: Backfill
    place: Place

    def query(self, condition: str = "") -> str:
        since = self.job.from_at
        started = f"StartTime >= '{since.astimezone(UTC).isoformat()}'" if since is not None else ""
        return question(self.connection, started, self.job.query, condition)

    async def count(self, condition: str = "") -> int:
        return await count_runs(self.access, self.query(condition), seconds=BULK_SECONDS)

    async def list(self, condition: str, *, again: bool = False) -> AsyncIterator[Walked]:
        """`again`: most of these runs have been listed, and only new ones count."""
        async for page in list_runs(self.access, self.query(condition), seconds=BULK_SECONDS):
            redactor = await self.parts.redactor(self.connection)
            runs = [read_listed(info, redactor) for info in page]
            async with self.parts.store.write() as writer:
                taken = await take_in(writer, self.connection, runs, place=self.place, seal=self.parts.store.seal)
                listed = len(taken.new if again else runs)
                step = Advance(in_window=listed, queued=len(taken.queued))
                if not await advance(writer, self.job, step, seconds=HELD_SECONDS):
                    raise _lost()
            yield Walked(listed, [*taken.queued, *(taken.moved if again else taken.open)])

    async def note(self, step: Advance) -> None:
        async with self.parts.store.write() as writer:
            if not await advance(writer, self.job, step, seconds=HELD_SECONDS):
                raise _lost()


async def _walk_levels(store: Store, job: Backfill) -> AsyncIterator[Walked]:
    while True:
        async with store.write() as writer:
            done = await apply_levels(writer, job, limit=_LEVEL_ROWS)
            phase = Phase.COPYING if done.after_id is None else None
            step = Advance(in_window=done.looked_at, queued=done.queued, after_id=done.after_id, phase=phase)
            if not await advance(writer, job, step, seconds=HELD_SECONDS):
                raise _lost()
            await notify_due(writer, job.connection_id)
        yield Walked(done.looked_at, [])
        if done.after_id is None:
            return
        job = replace(job, after_id=done.after_id)


def _lost() -> HoldLost:
    return HoldLost("The back-fill was cancelled, or another process carries it on.")


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


async def copy_here(
    parts: Parts,
    connection: Connection,
    new: NewBackfill,
    *,
    show: Callable[[BackfillProgress], None] = lambda _: None,
) -> BackfillProgress:
    """Make a job and do all of it in this process; `show` is told how far it is. When it dies, the workers go on.

    Raises:
        HoldLost, TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing
    """
    progress = BackfillProgress(0, 0, 0, None)
    turn = asyncio.Semaphore(BATCHES_AT_ONCE)
    ahead = asyncio.Semaphore(_AHEAD_BATCHES)

    async def sync(keys: Sequence[ExecutionKey]) -> None:
        nonlocal progress
        async with turn:
            outcomes = await sync_executions(parts, keys)
        ahead.release()
        progress = progress.plus(list(outcomes.values()))
        show(progress)

    async with parts.store.write() as writer:
        wanted = await add_backfill(writer, connection, new)
        job = await hold_next(writer, holder=uuid4(), seconds=HELD_SECONDS, without=(), wanted=wanted)
    assert job is not None, "a job that nobody else has seen yet is free"
    try:
        async with held(parts.store, job), asyncio.TaskGroup() as tasks:
            async for walked in walk(parts, job, held_seconds=_OWN_SECONDS):
                progress = replace(progress, listed=progress.listed + len(walked.keys))
                show(progress)
                for start in range(0, len(walked.keys), BATCH_RUNS):
                    await ahead.acquire()
                    tasks.create_task(sync(walked.keys[start : start + BATCH_RUNS]))
    except ExceptionGroup as group:
        error = group.exceptions[0]
        async with parts.store.write() as writer:
            await note_trouble(writer, job, error=str(error), is_over=isinstance(error, QuestionRefused))
        raise error from group
    async with parts.store.write() as writer:
        await finish_copied(writer)
    return progress
