"""The runs that this process follows: taken by leases, renewed while the process lives, woken by NOTIFY."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import uuid4

import structlog

from watchglass.store.followed import (
    CHANNEL,
    Followed,
    claim_followed,
    end_followed,
    forget_unwanted,
    next_lease_end,
    release_followed,
    renew_followed,
)
from watchglass.store.outage import is_outage
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.follow import Follower
from watchglass.sync.listening import Listening
from watchglass.sync.parts import Parts

log = structlog.get_logger()

LIMIT = 200
"""Runs that one process follows at the same time."""
RETRYING_LIMIT = 150
"""Of them such that nobody watches: who looks finds a place although thousands retry."""
LEASE_SECONDS = 8.0
RENEW_SECONDS = 3.0
"""A lease outlives two renewals that fail, and a holder that is killed is replaced within ten seconds."""
_CHECK_SECONDS = 30.0
"""A notification that was lost costs at most this much."""
_FORGET_SECONDS = 60.0
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 5.0
"""Between two tries of what failed, doubled from the first to the longest."""


class Followers:
    """One process's followers."""

    def __init__(self, parts: Parts, listening: Listening) -> None:
        self._parts = parts
        self._listening = listening
        self._holder = uuid4()
        self._running: dict[ExecutionKey, tuple[Follower, asyncio.Task[None]]] = {}
        """What it follows. One that ends leaves before its lease does, so that whoever takes the lease begins anew."""
        self._tasks: set[asyncio.Task[None]] = set()
        """Those, and the ones that are ending."""
        self._forgot_at = 0.0
        self._pause = 0.0

    async def run(self) -> None:
        """Follow what wants to be followed until cancelled; leases are given back then."""
        try:
            with self._listening.woken_by(CHANNEL) as woken:
                while True:
                    woken.clear()
                    await self._wait(woken, await self._turn())
        finally:
            await self._stop_all()

    async def _turn(self) -> float:
        """Renew, take what is free, and return after how many seconds to do so again."""
        try:
            await self._renew()
            await self._claim()
            seconds = await self._until_next()
        except Exception as error:
            # Whatever it was: without this nobody would be followed, and no lease be renewed.
            self._pause = min(max(self._pause * 2, _FIRST_PAUSE), RENEW_SECONDS)
            if is_outage(error):
                log.warning("followers_without_database", reason=str(error))
            else:
                log.error("followers_defect", exc_info=error)
            return self._pause
        self._pause = 0.0
        return seconds

    async def _wait(self, woken: asyncio.Event, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await woken.wait()
        except TimeoutError:
            return

    async def _renew(self) -> None:
        if not self._running:
            return
        now = time.monotonic()
        held = [
            (key, None if follower.confirmed_at is None else now - follower.confirmed_at)
            for key, (follower, _) in self._running.items()
        ]
        async with self._parts.store.write() as writer:
            kept = {
                run.key: run.is_watched
                for run in await renew_followed(writer, self._holder, held, lease_seconds=LEASE_SECONDS)
            }
            given_up = [key for key, _ in held if key not in kept]
            if given_up:
                await release_followed(writer, self._holder, given_up)
        for key, _ in held:
            if key not in self._running:
                continue
            follower, task = self._running[key]
            if key in kept:
                follower.watch(kept[key])
            else:
                # Nobody wants it any more, or this process stood still so long that another took it over.
                del self._running[key]
                task.cancel()

    async def _claim(self) -> None:
        unwatched = LIMIT - len(self._running) > LIMIT - RETRYING_LIMIT
        free = (RETRYING_LIMIT if unwatched else LIMIT) - len(self._running)
        async with self._parts.store.write() as writer:
            if time.monotonic() - self._forgot_at > _FORGET_SECONDS:
                await forget_unwanted(writer)
                self._forgot_at = time.monotonic()
            taken = await claim_followed(
                writer, self._holder, limit=free, watched_only=not unwatched, lease_seconds=LEASE_SECONDS
            )
        for run in taken:
            self._begin(run)

    def _begin(self, run: Followed) -> None:
        if run.key in self._running:
            # Its lease had run out while this process stood still, and nobody else had taken it.
            self._running[run.key][0].watch(run.is_watched)
            return
        follower = Follower(self._parts, run.key, is_watched=run.is_watched)
        task = asyncio.create_task(self._follow(run.key, follower), name=f"follow {run.key.id}")
        self._running[run.key] = follower, task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, key: ExecutionKey, follower: Follower) -> None:
        """Follow one run to its end. What goes wrong is tried again, for as long as somebody wants it followed."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await follower.follow()
                break
            except Exception as error:
                self._log(key, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        if self._running.get(key, (None, None))[0] is not follower:
            return  # It was given up meanwhile.
        # Before the lease: who takes that, this process included, must not find an entry that follows no more.
        del self._running[key]
        try:
            async with self._parts.store.write() as writer:
                await end_followed(writer, self._holder, key)
        except Exception as error:
            # The lease runs out by itself.
            self._log(key, error)

    def _log(self, key: ExecutionKey, error: Exception) -> None:
        if is_outage(error):
            log.warning("follower_without_database", execution_id=str(key.id), reason=str(error))
        else:
            log.error("follower_defect", execution_id=str(key.id), exc_info=error)

    async def _until_next(self) -> float:
        async with self._parts.store.write() as reader:
            end = await next_lease_end(reader, self._holder)
        seconds = RENEW_SECONDS if self._running else _CHECK_SECONDS
        if end is not None and len(self._running) < RETRYING_LIMIT:
            seconds = min(seconds, (end - datetime.now(UTC)).total_seconds() + 0.05)
        return max(seconds, 0.2)

    async def _stop_all(self) -> None:
        running, self._running = self._running, {}
        for _, task in running.values():
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not running:
            return
        try:
            async with self._parts.store.write() as writer:
                await release_followed(writer, self._holder, list(running))
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("followers_without_database", reason=str(error))
