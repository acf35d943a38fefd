"""Say how long a project keeps its runs; what goes is told first, and has to be confirmed."""

from uuid import UUID

from watchglass.errors import Conflict
from watchglass.model.project import Principal
from watchglass.store.audit import add_line
from watchglass.store.retention import (
    Removal,
    Retention,
    lock_retention,
    read_removal,
    read_retention,
    save_keep_days,
)
from watchglass.store.scope import Store


def removal_sentence(removal: Removal) -> str:
    """What would go, as a person is told."""
    if removal.runs == 0:
        return "No run has to be removed now."
    number = f"{removal.runs:,}" if removal.is_exact else f"More than {removal.runs:,}"
    return (
        f"{number} {'run that' if removal.runs == 1 else 'runs that'} started before "
        f"{removal.rows_from:%-d %B %Y} (UTC) and ended before {removal.closed_before:%-d %B %Y} will be removed for "
        "good. Their figures stay."
    )


async def keep_runs(
    store: Store, project_id: UUID, keep_days: int | None, *, is_confirmed: bool, by: Principal | None
) -> Retention:
    """Keep runs for so many days after they ended; None: for ever. Workers begin to remove within a minute or so.

    Raises:
        Conflict: runs would be removed, and nobody has confirmed that.
    """
    async with store.write() as writer:
        before = await lock_retention(writer, project_id)
        if before.keep_days == keep_days:
            return before
        removal = None if keep_days is None else await read_removal(writer, project_id, keep_days)
        if removal is not None and removal.runs and not is_confirmed:
            raise Conflict(f"{removal_sentence(removal)} Confirm that to save it; nothing was changed.")
        await save_keep_days(writer, project_id, keep_days)
        await add_line(
            writer,
            project_id=project_id,
            by=by,
            action="retention.change",
            target=project_id,
            details={
                "keepDays": keep_days,
                "keepDaysBefore": before.keep_days,
                "runsToRemove": 0 if removal is None else removal.runs,
            },
        )
        return await read_retention(writer, project_id)
