"""Sleep until a connection has executions that are due."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from watchglass.store.queue import CHANNEL, next_due
from watchglass.store.scope import Reader, Store

_CHECK_SECONDS = 30.0
"""A notification that was lost costs at most this much: the table is looked at again."""


async def wait_until_due(store: Store, connection_id: UUID, *, seconds: float, backfill_limit: int) -> None:
    """Return when something is due, when somebody says so, or after `seconds`."""
    woken = asyncio.Event()

    def wake(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        if payload == str(connection_id):
            woken.set()

    def lost(_connection: object) -> None:
        woken.set()

    async with store.sync.acquire() as listener:
        await listener.add_listener(CHANNEL, wake)
        listener.add_termination_listener(lost)
        try:
            due_at = await next_due(Reader(listener), connection_id=connection_id, backfill_limit=backfill_limit)
            until_due = (due_at - datetime.now(UTC)).total_seconds() if due_at else _CHECK_SECONDS
            wait = max(min(until_due, seconds, _CHECK_SECONDS), 0.02)
            async with asyncio.timeout(wait):
                await woken.wait()
        except TimeoutError:
            return
        finally:
            listener.remove_termination_listener(lost)
            await listener.remove_listener(CHANNEL, wake)
