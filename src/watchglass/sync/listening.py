"""One connection per process that hears PostgreSQL's notifications, and wakes whoever waits for them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from watchglass.store.followed import CHANNEL as FOLLOW_CHANNEL
from watchglass.store.outage import is_outage
from watchglass.store.pool import TURN_SECONDS
from watchglass.store.queue import CHANNEL as DUE_CHANNEL
from watchglass.store.scope import Store

log = structlog.get_logger()

CHANNELS = (DUE_CHANNEL, FOLLOW_CHANNEL)
_ALL = ""
ALIVE_EVERY_SECONDS = 10.0
"""A connection that was lost without a word (a router that forgot it, a cable) is silent, as one is on which nothing
happens. So it is asked something."""


class Listening:
    """What was notified since; a lost connection wakes everybody, since nobody knows what was missed meanwhile."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[tuple[str, str], set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def woken_by(self, channel: str, payload: str = _ALL) -> Iterator[asyncio.Event]:
        """An event that is set by each notification of the channel (with that payload) while the block runs."""
        event = asyncio.Event()
        waiting = self._waiting[channel, payload]
        waiting.add(event)
        try:
            yield event
        finally:
            waiting.discard(event)
            if not waiting:
                self._waiting.pop((channel, payload), None)

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._listen()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("notifications_not_heard", reason=str(error))
                await asyncio.sleep(1)

    async def _listen(self) -> None:
        lost = asyncio.Event()

        def on_loss(_connection: object) -> None:
            lost.set()

        async with self._store.sync.acquire(timeout=TURN_SECONDS) as connection:
            connection.add_termination_listener(on_loss)
            try:
                for channel in CHANNELS:
                    await connection.add_listener(channel, self._heard)
                self._wake_all()
                while not await _is_set_within(lost, ALIVE_EVERY_SECONDS):
                    await connection.fetchval("SELECT 1")
            finally:
                connection.remove_termination_listener(on_loss)
                for channel in CHANNELS:
                    # On a lost connection this does nothing.
                    await connection.remove_listener(channel, self._heard)
        self._wake_all()

    def _heard(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        for key in ((channel, str(payload)), (channel, _ALL)):
            for event in self._waiting.get(key, ()):
                event.set()

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
