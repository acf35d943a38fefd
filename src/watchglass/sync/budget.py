"""The gate to one namespace: calls are taken out of a bucket that all processes share, a few at a time."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from watchglass import metrics
from watchglass.model.connection import Connection
from watchglass.store.call_budgets import Bucket, Grant, slow_calls, take_calls
from watchglass.store.scope import Store
from watchglass.temporal.access import CallKind

LEASE_SECONDS = 0.2
"""Calls taken at once are for about this long; those not made by then are lost, so that they never pile up."""
_LONGEST_WAIT = 1.0
"""After which the bucket is looked at again: somebody may have raised the rate."""


class Share:
    """What this process has of one bucket."""

    def __init__(self, store: Store, bucket: Bucket) -> None:
        self._store = store
        self._bucket = bucket
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._made: deque[float] = deque()
        self._left = 0
        self._until = 0.0
        self._rate = 0.0

    async def enter(self) -> None:
        """Wait for a call, first come, first served."""
        self._waiting += 1
        try:
            async with self._turn:
                while not self._spend():
                    await self._lease()
        finally:
            self._waiting -= 1

    async def enter_first(self) -> None:
        """Wait for a call that somebody waits for: ahead of all who have entered the other way."""
        while not self._spend():
            grant = await self._take(1, urgent=True)
            if grant.calls:
                return
            await asyncio.sleep(min(grant.wait_seconds, _LONGEST_WAIT))

    async def slow_down(self) -> None:
        self._left = 0
        async with self._store.write() as writer:
            await slow_calls(writer, self._bucket)

    def _spend(self) -> bool:
        now = time.monotonic()
        if self._left <= 0 or now >= self._until:
            return False
        self._left -= 1
        self._made.append(now)
        return True

    async def _lease(self) -> None:
        grant = await self._take(self._expected(), urgent=False)
        if not grant.calls:
            await asyncio.sleep(min(grant.wait_seconds, _LONGEST_WAIT))
            return
        self._rate = grant.rate
        self._left = grant.calls
        self._until = time.monotonic() + LEASE_SECONDS

    def _expected(self) -> int:
        """How many calls will be made soon: as many as wait now, or as were made a moment ago; at least one."""
        start = time.monotonic() - LEASE_SECONDS
        while self._made and self._made[0] < start:
            self._made.popleft()
        most = max(math.floor(self._rate * LEASE_SECONDS), 1)
        return max(min(max(self._waiting, len(self._made)), most), 1)

    async def _take(self, wanted: int, *, urgent: bool) -> Grant:
        async with self._store.write() as writer:
            return await take_calls(writer, self._bucket, wanted=wanted, urgent=urgent)


@dataclass(frozen=True, slots=True)
class SharedGate:
    """Lets calls through as fast as the namespace's budget allows."""

    shares: Mapping[CallKind, Share]
    is_urgent: bool

    async def enter(self, kind: CallKind) -> None:
        share = self.shares[kind]
        with metrics.BUDGET_WAIT_SECONDS.labels(kind.value).time():
            await (share.enter_first() if self.is_urgent else share.enter())

    async def slow_down(self, kind: CallKind) -> None:
        await self.shares[kind].slow_down()


def shares_of(store: Store, connection: Connection) -> dict[CallKind, Share]:
    """This process's shares of the budget for the connection's namespace."""
    rates = {
        CallKind.VISIBILITY: connection.budget.visibility_per_second,
        CallKind.HISTORY: connection.budget.history_per_second,
    }
    return {
        kind: Share(store, Bucket(connection.address, connection.namespace, kind, rate)) for kind, rate in rates.items()
    }
