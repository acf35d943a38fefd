"""Sleep until a connection has executions that are due."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from watchglass.store.queue import CHANNEL, next_due
from watchglass.store.scope import Store
from watchglass.sync.listening import Listening

_CHECK_SECONDS = 30.0
"""A notification that was lost costs at most this much: the table is looked at again."""


async def wait_until_due(
    store: Store, listening: Listening, connection_id: UUID, *, seconds: float, backfill_limit: int
) -> None:
    """Return when something is due, when somebody says so, or after `seconds`."""
    with listening.woken_by(CHANNEL, str(connection_id)) as woken:
        async with store.write() as reader:
            due_at = await next_due(reader, connection_id=connection_id, backfill_limit=backfill_limit)
        until_due = (due_at - datetime.now(UTC)).total_seconds() if due_at else _CHECK_SECONDS
        try:
            async with asyncio.timeout(max(min(until_due, seconds, _CHECK_SECONDS), 0.02)):
                await woken.wait()
        except TimeoutError:
            return
