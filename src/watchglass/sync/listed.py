"""Take in what a list says of runs: new ones, those that have more to copy, and those whose line is all there is."""

from collections.abc import Sequence
from dataclasses import dataclass

from watchglass.model.connection import Connection
from watchglass.model.described import Described
from watchglass.statistics.keep import totals_kept
from watchglass.store.listed_runs import (
    hold_level,
    insert_listed,
    lock_behind,
    requeue,
    settle_closed,
    settle_listed,
)
from watchglass.store.queue import NEW, Place, notify_due
from watchglass.store.scope import Writer
from watchglass.store.seal import NO_SEAL, Seal
from watchglass.store.sync_states import ExecutionKey


@dataclass(frozen=True, slots=True)
class TakenIn:
    new: Sequence[ExecutionKey]
    changed: int
    """Known runs of which the list said more than was known."""
    queued: Sequence[ExecutionKey]
    """Runs that are to be copied now: new ones, and known ones that were not in the queue."""
    moved: Sequence[ExecutionKey]
    """Known runs that have moved on since they were copied."""
    open: Sequence[ExecutionKey]
    """Other known runs whose copy is not final."""


def _each_once(runs: Sequence[Described]) -> list[Described]:
    """A run that moved on while the page was made may be listed twice; that it has closed is the newer word."""
    told: dict[str, Described] = {}
    for run in runs:
        known = told.get(run.ref.run_id)
        if known is None or known.closed_at is None:
            told[run.ref.run_id] = run
    return list(told.values())


async def take_in(
    writer: Writer, connection: Connection, runs: Sequence[Described], *, place: Place = NEW, seal: Seal = NO_SEAL
) -> TakenIn:
    """Make the rows say what the list says, and queue at `place` what is to be copied.

    A job (`place.backfill_id`) also queues known runs that have never been copied although their level copies them.
    """
    runs = _each_once(runs)
    await hold_level(writer, connection)
    behind = await lock_behind(writer, connection, runs)
    followers = [run for run in behind if not run.is_copied and run.differs]
    copied = [run for run in behind if run.is_copied]
    due = [run.key for run in copied if run.is_due and not run.is_wanted]
    wanted = [run.key for run in copied if run.is_wanted and (place.backfill_id or run.is_due)]
    await settle_closed(writer, connection, runs)
    await requeue(writer, due)
    await requeue(writer, wanted, place)
    async with totals_kept(writer, [(run.key.project_id, run.key.id) for run in followers]) as counted:
        if followers:
            await settle_listed(writer, followers)
        inserted = await insert_listed(writer, connection, runs, place, seal=seal)
        counted += [(run.key.project_id, run.key.id) for run in inserted]
    queued = [*wanted, *(run.key for run in inserted if run.is_copied)]
    if due or (queued and place.held_seconds is None):
        await notify_due(writer, connection.id)
    return TakenIn(
        new=[run.key for run in inserted],
        changed=len(due) + len(wanted) + len(followers),
        queued=queued,
        moved=due,
        open=[run.key for run in copied if not run.is_wanted],
    )
