"""What this process took from the queue and nobody has begun yet: kept, so that a slow start is not taken for a death.

Between the claim and the first line of the activity that does the work lie some turns of the control Temporal, which
take seconds on a busy machine. A process that dies stops keeping, and its claims run out. What one took whose answer
never reached the control Temporal, which has asked somebody else since, is put back.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress

import structlog

from watchglass.store.outage import is_outage
from watchglass.store.queue import Claim, keep_claimed, release_claimed
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey

log = structlog.get_logger()

LEASE_SECONDS = 8.0
"""Taken work that nobody works on by then is due again: what a worker took and died with is back within ten seconds."""
RENEW_SECONDS = 3.0
"""Who keeps work says so as often."""
LET_GO_SECONDS = LEASE_SECONDS - RENEW_SECONDS - 1
"""Work that is kept for less than this was not renewed when it should have been: its keeper is dead."""
_ASK_SECONDS = 2.0
_LONGEST_SECONDS = 20.0
"""Work that nobody has begun by then is let go: the coordinator that it was taken for may be lost."""


@dataclass(slots=True)
class _Held:
    keys: Sequence[ExecutionKey]
    marks: list[datetime]
    """The ends of the claim so far. A row that was locked in the moment of a renewal still has the one before."""
    is_lost: Callable[[], Awaitable[bool]]
    since: float = field(default_factory=time.monotonic)


class Claims:
    """Claims of this process; `run` keeps them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: list[_Held] = []

    def keep(self, claim: Claim, is_lost: Callable[[], Awaitable[bool]]) -> None:
        """Hold on to the claim until its executions have been begun, or nobody knows of it."""
        if claim.until is not None:
            self._held.append(_Held([key for key, _ in claim.runs], [claim.until], is_lost))

    async def run(self) -> None:
        """Keep what is held until cancelled."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                for held in list(self._held):
                    await self._renew(held)
                await self._put_back_lost()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("claims_not_kept", reason=str(error))

    async def _renew(self, held: _Held) -> None:
        until = None
        if time.monotonic() - held.since < _LONGEST_SECONDS:
            async with self._store.write() as writer:
                until = await keep_claimed(writer, held.keys, held.marks, seconds=LEASE_SECONDS)
        if until is None:
            self._held.remove(held)
            return
        held.marks.append(until)

    async def _put_back_lost(self) -> None:
        """After renewing, and not for long: who is asked may be the one that is away."""
        held = list(self._held)
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                lost = await asyncio.gather(*(one.is_lost() for one in held))
        except TimeoutError:
            return
        for one in compress(held, lost):
            async with self._store.write() as writer:
                await release_claimed(writer, one.keys, one.marks)
            self._held.remove(one)
