"""Fold what syncs noted into the roll-ups, beside the other work of a worker."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import structlog

from watchglass.statistics.fold import MOST_CHANGES, fold, projects_with_changes
from watchglass.statistics.rebuild import projects_without_rollups, rebuild
from watchglass.store.outage import is_outage
from watchglass.store.scope import Store

log = structlog.get_logger()

_LOOK_SECONDS = 1.0
_REST = 4
"""Under load, a pause of this many times what folding took: the more is noted, the more is folded at once."""
_FOLDS_IN_A_ROW = 10
"""Of one project, before the others have their turn."""


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
    """Fold what is noted, and make the roll-ups that are missing, of every project that nobody else is at."""
    async with store.write() as reader:
        noted = await projects_with_changes(reader)
        missing = await projects_without_rollups(reader)
    for project_id in noted:
        await _of_one(project_id, lambda project_id: _fold_some(store, project_id))
    for project_id in missing:
        await _of_one(project_id, lambda project_id: rebuild(store, project_id))


async def _fold_some(store: Store, project_id: UUID) -> None:
    for _ in range(_FOLDS_IN_A_ROW):
        if (await fold(store, project_id) or 0) < MOST_CHANGES:
            return


async def _of_one(project_id: UUID, work: Callable[[UUID], Awaitable[object]]) -> None:
    """What fails for one project keeps the others from nothing."""
    try:
        await work(project_id)
    except asyncpg.SerializationError:
        # Code of the version before changes totals without asking whether somebody is at them. The next round has it.
        log.debug("rollup_once_more", project_id=str(project_id))
    except Exception as error:
        if is_outage(error):
            raise
        log.error("rollup_defect", project_id=str(project_id), exc_info=error)
