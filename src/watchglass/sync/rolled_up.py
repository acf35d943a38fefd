"""Fold what syncs noted into the roll-ups, beside the other work of a worker."""

import asyncio
import time

import structlog

from watchglass.statistics.fold import fold, projects_with_changes
from watchglass.statistics.rebuild import projects_without_rollups, rebuild
from watchglass.store.outage import is_outage
from watchglass.store.scope import Store

log = structlog.get_logger()

_LOOK_SECONDS = 1.0
_REST = 4
"""Under load, a pause of this many times what folding took: the more is noted, the more is folded at once."""


async def keep_rolled_up(store: Store) -> None:
    """For as long as the process lives. Figures are right without it, too; it keeps them quick to read."""
    while True:
        began = time.monotonic()
        try:
            await roll_up(store)
        except Exception as error:  # The worker has other work to do, whatever this is.
            if is_outage(error):
                log.warning("rollups_wait", reason=f"The database does not answer ({error}).")
            else:
                log.error("rollup_defect", exc_info=error)
        await asyncio.sleep(max(_LOOK_SECONDS, _REST * (time.monotonic() - began)))


async def roll_up(store: Store) -> None:
    """Make the roll-ups that are missing, and fold what is noted, of every project that nobody else is at."""
    async with store.write() as reader:
        missing = await projects_without_rollups(reader)
        noted = await projects_with_changes(reader)
    for project_id in missing:
        await rebuild(store, project_id)
    for project_id in noted:
        while await fold(store, project_id):
            pass
