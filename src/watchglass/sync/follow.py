"""Stay with one run: what happens in Temporal is in the database a moment later.

A run that somebody watches is looked at in two ways: by a request on its history that waits for news, and by Describe
for what no event tells (attempts, heartbeats, back-offs, failing workflow tasks), twice a second while there is such.
A run that only retries is synced just after each attempt begins, or must have ended.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import replace

import structlog

from watchglass.errors import WatchglassError
from watchglass.model.connection import Connection
from watchglass.model.described import Described
from watchglass.model.execution import RunRef
from watchglass.parse.describe import parse_described
from watchglass.parse.redaction.messages import redact
from watchglass.store.outage import is_outage
from watchglass.store.queue import lease
from watchglass.store.sync_states import ExecutionKey, read_state
from watchglass.sync.freshness import (
    FOLLOWED_GRACE_SECONDS,
    FOLLOWED_SYNC_SECONDS,
    LOOK_SECONDS,
    LOOK_SECONDS_EMBEDDED,
    NEWS_PAUSE_SECONDS,
    QUIET_LOOK_SECONDS,
)
from watchglass.sync.one import SyncOutcome, sync_execution
from watchglass.sync.parts import Parts
from watchglass.temporal.describe import describe_run
from watchglass.temporal.history import wait_for_news

log = structlog.get_logger()

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 10.0
"""Seconds between two tries while Temporal does not answer."""


class Follower:
    """Follows one run, whose lease somebody else keeps, until it has ended or nothing asks for it any more."""

    def __init__(self, parts: Parts, key: ExecutionKey, *, is_watched: bool) -> None:
        self._parts = parts
        self._key = key
        self._is_watched = is_watched
        self._woken = asyncio.Event()
        """A look before its time: the history has news, or somebody began to watch."""
        self._has_news = False
        self._stands_at_end = False
        """The waiting request stands behind the newest event, so that no event escapes it."""
        self._described: Described | None = None
        self._pause = 0.0
        self._synced_at = 0.0
        self.confirmed_at: float | None = None
        """When the copy was last seen to equal Temporal; seconds of the monotonic clock."""

    def watch(self, is_watched: bool) -> None:
        """Somebody looks at the run, or nobody does any more."""
        if is_watched and not self._is_watched:
            self._woken.set()
        self._is_watched = is_watched

    async def follow(self) -> None:
        """Return when the run has ended, or is neither watched nor retrying.

        Raises what the driver raises when the database is away.
        """
        async with self._parts.store.write() as reader:
            state = await read_state(reader, self._key.id, project_id=self._key.project_id)
        if state is None or state.is_final:
            return
        connection = await self._parts.connection(state.connection_id)
        waiting: asyncio.Task[None] | None = None
        try:
            outcome = await self._sync()
            while self._is_wanted(outcome):
                if self._is_watched and waiting is None:
                    waiting = asyncio.create_task(self._listen(connection, state.ref))
                elif not self._is_watched and waiting is not None:
                    await _stopped(waiting)
                    waiting = None
                await self._rest(outcome, is_embedded=connection.is_embedded)
                outcome = await self._look(outcome, connection, state.ref)
        finally:
            if waiting is not None:
                await _stopped(waiting)

    def _is_wanted(self, outcome: SyncOutcome) -> bool:
        if outcome.is_final:
            return False
        return self._is_watched or outcome.is_retrying or not outcome.synced

    @property
    def _asking(self) -> Parts:
        """Temporal is asked ahead of all background work while somebody looks."""
        return self._parts.for_somebody() if self._is_watched else self._parts

    async def _rest(self, outcome: SyncOutcome, *, is_embedded: bool) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds(outcome, is_embedded=is_embedded)):
                await self._woken.wait()
        self._woken.clear()

    def _seconds(self, outcome: SyncOutcome, *, is_embedded: bool) -> float:
        look = LOOK_SECONDS_EMBEDDED if is_embedded else LOOK_SECONDS
        if not outcome.synced:
            self._pause = min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
            return self._pause
        self._pause = 0.0
        if not self._is_watched:
            return max(outcome.look_again_seconds or 0.0, look)
        if self._stands_at_end and self._described is not None and not _tells_more(self._described):
            return QUIET_LOOK_SECONDS
        return look

    async def _look(self, outcome: SyncOutcome, connection: Connection, ref: RunRef) -> SyncOutcome:
        """Sync when there is something new, or a while has passed; Describe says cheaply whether there is."""
        is_old = time.monotonic() - self._synced_at > FOLLOWED_SYNC_SECONDS
        if self._has_news or is_old or not self._is_watched or not outcome.synced:
            self._has_news = False
            return await self._sync()
        began = time.monotonic()
        try:
            access = await self._asking.access(connection)
            answer = await describe_run(access, ref.workflow_id, ref.run_id)
        except WatchglassError:
            # The sync asks again, and keeps beside the run what is wrong.
            return await self._sync()
        redactor = await self._parts.redactor(connection)
        if redactor is not None:
            redact(answer, redactor)
        described = replace(parse_described(answer), described_at=time.time_ns() // 1000)
        if self._described is not None and _picture(described) == _picture(self._described):
            self.confirmed_at = began
            return outcome
        self._described = described
        return await self._sync(described)

    async def _sync(self, *seen: Described) -> SyncOutcome:
        began = time.monotonic()
        outcome = await sync_execution(self._asking, self._key, seen=seen)
        if outcome.synced:
            self._synced_at = self.confirmed_at = began
            if not outcome.is_final:
                await self._keep_from_queue(outcome)
        return outcome

    async def _keep_from_queue(self, outcome: SyncOutcome) -> None:
        """The run is not due for anybody else while it is followed, and soon after it no longer is."""
        until_next = FOLLOWED_SYNC_SECONDS if self._is_watched else outcome.look_again_seconds or 0.0
        async with self._parts.store.write() as writer:
            await lease(writer, [self._key], seconds=until_next + FOLLOWED_GRACE_SECONDS)

    async def _listen(self, connection: Connection, ref: RunRef) -> None:
        """Wait on the run's history until it closes, and say when it has news."""
        token: bytes | None = None
        pause = _FIRST_PAUSE
        self._stands_at_end = False
        while True:
            try:
                access = await self._asking.access(connection)
                last, token = token, await wait_for_news(access, ref, token)
            except Exception as error:
                # The database too is asked on the way. Whatever it was, without this nobody would wait for news.
                if isinstance(error, WatchglassError) or is_outage(error):
                    log.info("history_not_awaited", execution_id=str(self._key.id), reason=str(error))
                else:
                    log.error("follower_defect", execution_id=str(self._key.id), exc_info=error)
                self._stands_at_end = False
                token = None
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = _FIRST_PAUSE
            if last is None or token != last:
                self._has_news = True
                self._woken.set()
            if token is None:
                return
            self._stands_at_end = True
            # An answer for every event of a busy run would be a sync for every event.
            await asyncio.sleep(NEWS_PAUSE_SECONDS)


def _tells_more(described: Described) -> bool:
    """Does Describe show something that may change without an event?"""
    return bool(described.pending_activities or described.pending_workflow_task or described.pending_nexus_operations)


def _picture(described: Described) -> Described:
    """What makes two answers the same."""
    return replace(described, described_at=None, history_bytes=0)


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
