"""Compare stored figures with the runs once a day, and make anew those that differ, beside the other work of a worker.

One project at a time, of all workers together, and a month of it after the other, with a rest in between. A worker of
another version than the one that compared last compares soon after its start: code of the version before may have
written rows without saying so to the roll-ups, for as long as it still ran.
"""

import asyncio
import time
from uuid import UUID

import structlog

from watchglass.model.release import release
from watchglass.statistics.compare import NOTHING_COMPARED, Comparison, compare, parts_of
from watchglass.statistics.rebuild import rebuild
from watchglass.store.outage import is_outage
from watchglass.store.rollup_checks import (
    claim_check,
    drop_claim,
    hold_check,
    projects_that_differ,
    save_check,
    save_rebuilt,
)
from watchglass.store.scope import ALONE_SECONDS, Store

log = structlog.get_logger()

EVERY_SECONDS = 24 * 3600.0
SETTLED_SECONDS = 900.0
"""So long after a start processes of the version before are gone."""
_LOOK_SECONDS = 60.0
_CLAIM_SECONDS = ALONE_SECONDS + 60.0
"""A step that takes longer is cancelled, and the claim of a worker that died is another's."""
_REST = 4
"""A pause of this many times what a step took, at most `_LONGEST_REST_SECONDS`."""
_LONGEST_REST_SECONDS = 30.0


async def keep_checked(store: Store) -> None:
    """For as long as the process lives."""
    began = time.monotonic()
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            await mend(store)
            await check_due(store, is_new_due=time.monotonic() - began >= SETTLED_SECONDS)
        except Exception as error:  # The worker has other work to do, whatever this is.
            if is_outage(error):
                log.warning("check_of_figures_waits", reason=f"The database does not answer ({error}).")
            else:
                log.error("check_of_figures_defect", exc_info=error)


async def check_due(store: Store, *, is_new_due: bool = True, every_seconds: float = EVERY_SECONDS) -> list[UUID]:
    """Compare every project whose turn it is, and make anew what differs. Returns those that were compared.

    `is_new_due`: also those that this version has not compared yet.
    """
    checked: list[UUID] = []
    while (project_id := await _claim(store, is_new_due=is_new_due, every_seconds=every_seconds)) is not None:
        try:
            found = await _compare(store, project_id)
        except BaseException:
            async with store.write() as writer:
                await drop_claim(writer, project_id)
            raise
        async with store.write() as writer:
            await save_check(
                writer,
                project_id,
                release=release(),
                compared=found.compared,
                differing=len(found.drift),
            )
        if found.drift:
            first = found.drift[0]
            log.warning(
                "figures_differed",
                message="Stored figures were not what their runs add up to; they are made anew",
                project_id=str(project_id),
                differing=len(found.drift),
                compared=found.compared,
                first=f"{first.table} of {first.series}",
                grain=first.grain.word if first.grain is not None else None,
                bucket=first.bucket.isoformat() if first.bucket is not None else None,
            )
            await mend(store)
        checked.append(project_id)
    return checked


async def _claim(store: Store, *, is_new_due: bool, every_seconds: float) -> UUID | None:
    async with store.write() as writer:
        return await claim_check(
            writer,
            release=release(),
            claim_seconds=_CLAIM_SECONDS,
            every_seconds=every_seconds,
            is_new_due=is_new_due,
        )


async def _compare(store: Store, project_id: UUID) -> Comparison:
    found = NOTHING_COMPARED
    for part in await parts_of(store, project_id):
        began = time.monotonic()
        async with store.write() as writer:
            await hold_check(writer, project_id, claim_seconds=_CLAIM_SECONDS)
        found = found.plus(await compare(store, project_id, part))
        await asyncio.sleep(min(_REST * (time.monotonic() - began), _LONGEST_REST_SECONDS))
    return found


async def mend(store: Store) -> None:
    """Make anew the figures that were found to differ, of every project that nobody else is at."""
    async with store.write() as reader:
        differing = await projects_that_differ(reader)
    for project_id in differing:
        began = time.monotonic()
        done = await rebuild(store, project_id)
        if done is None:
            # Somebody folds or rebuilds; the next look comes to it.
            continue
        async with store.write() as writer:
            await save_rebuilt(writer, project_id)
        log.info(
            "figures_rebuilt",
            message="Figures that differed were made anew from the runs",
            project_id=str(project_id),
            executions=done.executions,
            seconds=round(time.monotonic() - began, 1),
        )
