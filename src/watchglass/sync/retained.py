"""Remove the runs that a project does not keep, beside the other work of a worker. Their figures stay.

One project at a time, of all workers together. First the figures of months that are to go are compared with their runs
and made independent of them (`statistics/freeze.py`); then nothing that ended so long ago is copied any more
(`raise_closed_before`); then runs go, some at a time, with rests in between. Stopped anywhere, the next round goes on.
"""

import asyncio
import time
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import structlog
from asyncpg.exceptions import SerializationError

from watchglass.statistics.columns import COMPONENTS, RUNS
from watchglass.statistics.compare import Part, compare
from watchglass.statistics.fold import fold
from watchglass.statistics.freeze import drop_fine, freeze, months_to_freeze, split_late
from watchglass.statistics.rebuild import rebuild
from watchglass.store.erased_runs import delete_locked
from watchglass.store.outage import is_outage
from watchglass.store.removed_errors import keep_errors
from watchglass.store.retention import (
    add_removed,
    claim_removal,
    end_removal,
    hold_removal,
    next_old_runs,
    raise_closed_before,
    raise_rows_from,
    still_removable,
    wanted_rows_from,
)
from watchglass.store.scope import ALONE_SECONDS, Store, Writer
from watchglass.store.sync_states import ExecutionKey, lock_states

log = structlog.get_logger()

EVERY_SECONDS = 3600.0
BATCH_RUNS = 200
_LOOK_SECONDS = 60.0
_CLAIM_SECONDS = ALONE_SECONDS + 60.0
_REST = 1
"""A pause of this many times what a batch took."""
_MOST_TURNS = 1_000
"""For one month to be made independent, of `_MOST_SERIES` series each."""
_TURN_SECONDS = 0.2


async def keep_removing(store: Store) -> None:
    """For as long as the process lives."""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            await remove_due(store)
        except Exception as error:  # The worker has other work to do, whatever this is.
            if is_outage(error):
                log.warning("removing_waits", reason=f"The database does not answer ({error}).")
            else:
                log.error("removing_defect", exc_info=error)


async def remove_due(store: Store, *, every_seconds: float = EVERY_SECONDS) -> dict[UUID, int]:
    """Remove what is to go of every project whose turn it is. Returns how many runs, by project."""
    removed: dict[UUID, int] = {}
    while (project_id := await _claim(store, every_seconds)) is not None:
        # One that failed waits for its next turn, too: the others have theirs before.
        is_over = True
        try:
            removed[project_id] = await _of_project(store, project_id)
        except asyncio.CancelledError:
            is_over = False
            raise
        finally:
            async with store.write() as writer:
                await end_removal(writer, project_id, is_over=is_over)
    return removed


async def _claim(store: Store, every_seconds: float) -> UUID | None:
    async with store.write() as writer:
        return await claim_removal(writer, claim_seconds=_CLAIM_SECONDS, every_seconds=every_seconds)


async def _of_project(store: Store, project_id: UUID) -> int:
    async with store.write() as reader:
        until = await wanted_rows_from(reader, project_id)
    if until is None or not await _frozen(store, project_id, until):
        return 0
    with suppress(SerializationError):
        await split_late(store, project_id)
    async with store.write() as writer:
        await raise_closed_before(writer, project_id)
    removed = await _remove(store, project_id)
    await _drop_fine(store, project_id)
    if removed:
        log.info(
            "runs_removed",
            message="Runs that the project does not keep any longer were removed; their figures stay",
            project_id=str(project_id),
            runs=removed,
            started_before=until.isoformat(),
        )
    return removed


async def _frozen(store: Store, project_id: UUID, until: datetime) -> bool:
    """Make all that started before `until` independent of its rows; False when that has to wait for the next round."""
    if not await _folded(store, project_id):
        return False
    async with store.write() as reader:
        months = await months_to_freeze(reader, project_id, until)
    for month in months:
        if await _differs(store, project_id, month):
            await rebuild(store, project_id)
            return False
        if not await _freeze(store, project_id, month):
            return False
    async with store.write() as writer:
        # Months in which nothing ran.
        return await raise_rows_from(writer, project_id, until)


async def _differs(store: Store, project_id: UUID, month: datetime) -> bool:
    """Whether figures are not what their runs add up to: this is the last time that anybody can tell."""
    for kept in (RUNS, COMPONENTS):
        for is_project in (False, True):
            await _hold(store, project_id)
            found = await compare(store, project_id, Part(month, kept, is_project))
            if found.drift:
                log.warning(
                    "figures_differed",
                    message="Stored figures were not what their runs add up to; they are made anew before runs go",
                    project_id=str(project_id),
                    differing=len(found.drift),
                    month=month.isoformat(),
                )
                return True
    return False


async def _freeze(store: Store, project_id: UUID, month: datetime) -> bool:
    for _ in range(_MOST_TURNS):
        await _hold(store, project_id)
        with suppress(SerializationError):
            if await freeze(store, project_id, month):
                return True
        await asyncio.sleep(_TURN_SECONDS)
        if not await _folded(store, project_id):
            return False
    return False


async def _folded(store: Store, project_id: UUID) -> bool:
    """Fold what is noted; False when somebody else is at the project's figures all the time."""
    for _ in range(_MOST_TURNS):
        folded = await fold(store, project_id)
        if folded == 0:
            return True
        if folded is None:
            await asyncio.sleep(_TURN_SECONDS)
    return False


async def _remove(store: Store, project_id: UUID) -> int:
    removed = 0
    after: tuple[datetime, UUID] | None = None
    while True:
        began = time.monotonic()
        async with store.write() as writer:
            await hold_removal(writer, project_id, claim_seconds=_CLAIM_SECONDS)
            runs = await next_old_runs(writer, project_id, after, limit=BATCH_RUNS)
            if not runs:
                return removed
            removed += await _remove_some(writer, project_id, {run.id: run.run_id for run in runs if run.goes})
        after = runs[-1].started_at, runs[-1].id
        await asyncio.sleep(_REST * (time.monotonic() - began))


async def _remove_some(writer: Writer, project_id: UUID, runs: dict[UUID, str]) -> int:
    """Not within `totals_kept`: what was counted stays counted."""
    if not runs:
        return 0
    # What a sync has in hand is waited for; it finds no row to write afterwards.
    locked = await lock_states(writer, [ExecutionKey(project_id, id) for id in runs])
    # A sync may have found one open again, or to have ended later.
    there = {id: runs[id] for id in await still_removable(writer, project_id, (key.id for key in locked))}
    await keep_errors(writer, project_id, there)
    await delete_locked(writer, project_id, there)
    await add_removed(writer, project_id, len(there))
    return len(there)


async def _drop_fine(store: Store, project_id: UUID) -> None:
    while True:
        began = time.monotonic()
        async with store.write() as writer:
            await hold_removal(writer, project_id, claim_seconds=_CLAIM_SECONDS)
            if not await drop_fine(writer, project_id):
                return
        await asyncio.sleep(_REST * (time.monotonic() - began))


async def _hold(store: Store, project_id: UUID) -> None:
    async with store.write() as writer:
        await hold_removal(writer, project_id, claim_seconds=_CLAIM_SECONDS)
