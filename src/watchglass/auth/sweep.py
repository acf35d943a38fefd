"""What opens no door any more is taken away, beside other work and in batches."""

import asyncio
import dataclasses
from datetime import timedelta

import structlog

from watchglass.store.ended import TakenAway, take_away_ended
from watchglass.store.outage import is_outage
from watchglass.store.scope import Store

KEPT = timedelta(days=30)
"""How long a session, token or link that ended can still be looked up by who holds the database."""
_BATCH_ROWS = 1_000
"""A batch locks its rows: a sign-in that ends one of them would wait for its end."""
_REST_SECONDS = 0.1
_EVERY_SECONDS = 3_600.0
_log = structlog.get_logger(__name__)


async def sweep(store: Store, *, kept: timedelta = KEPT, batch: int = _BATCH_ROWS) -> TakenAway:
    """Take away everything that ended longer ago than `kept`; returns how much that was."""
    total = TakenAway()
    while True:
        async with store.door() as door:
            taken = await take_away_ended(door, kept=kept, limit=batch)
        total = total.plus(taken)
        if taken.most < batch:
            return total
        await asyncio.sleep(_REST_SECONDS)


async def keep_swept(store: Store) -> None:
    """Sweep every hour, for as long as the process lives."""
    while True:
        try:
            taken = await sweep(store)
            if taken.most:
                _log.info("ended_taken_away", **dataclasses.asdict(taken))
        except Exception as error:
            if not is_outage(error):
                raise
            _log.warning("ended_stays", reason=f"The database does not answer: {error}")
        await asyncio.sleep(_EVERY_SECONDS)
