"""Make figures independent of rows, so that rows can be removed (`store/retention.py`).

A month at a time: every series is kept by days in it, and from then on nothing of the month is made from rows. What is
noted later is added to it as ever, and no run is counted twice or lost. Finer roll-ups than days go with the rows.
"""

from datetime import datetime
from uuid import UUID

from watchglass.statistics.columns import COMPONENTS, RUNS
from watchglass.statistics.grains import Grain, next_bucket
from watchglass.statistics.keep import TOTALS_LOCK
from watchglass.statistics.split import split
from watchglass.store.retention import kept_since, raise_rows_from
from watchglass.store.scope import Reader, Store, Writer

_MOST_SERIES = 200
"""Kept by days in one transaction."""
MOST_FINE = 5_000
"""Roll-ups deleted in one transaction."""


async def months_to_freeze(reader: Reader, project_id: UUID, until: datetime) -> list[datetime]:
    """Those of which there are roll-ups, and which end before or at `until`."""
    rows = await reader.fetch(
        f"""
        SELECT DISTINCT bucket FROM run_rollups
        WHERE project_id = $1 AND series = $1 AND grain = {int(Grain.MONTH)} AND bucket >= {kept_since()}
          AND bucket < $2
        ORDER BY bucket
        """,  # noqa: S608 - own words only
        project_id,
        until,
    )
    return [row["bucket"] for row in rows]


async def freeze(store: Store, project_id: UUID, month: datetime) -> bool:
    """Some of it, or the last of it: then the rows of this month and of all before are no longer needed.

    False when it has to be called again: there is more to do, something is noted that has to be folded first, or
    somebody else is at the project's figures.

    Raises:
        asyncpg.SerializationError: the project's figures changed meanwhile.
    """
    end = next_bucket(Grain.MONTH, month)
    async with store.alone(TOTALS_LOCK, project_id) as writer:
        if writer is None or await is_noted(writer, project_id, end):
            return False
        series = await _not_by_days(writer, project_id, month)
        for each in series[:_MOST_SERIES]:
            await split(writer, project_id, each, Grain.MONTH, month)
        if len(series) > _MOST_SERIES:
            return False
        if not await raise_rows_from(writer, project_id, end):
            return False
        await writer.execute(
            f"DELETE FROM rollup_splits WHERE project_id = $1 AND grain < {int(Grain.MONTH)} AND bucket < $2",  # noqa: S608
            project_id,
            end,
        )
        return True


async def is_noted(reader: Reader, project_id: UUID, end: datetime) -> bool:
    """Whether something before `end` is not folded yet."""
    found = [
        await reader.fetchval(
            f"SELECT EXISTS (SELECT FROM {kept.changes} WHERE project_id = $1 AND bucket < $2)",  # noqa: S608
            project_id,
            end,
        )
        for kept in (RUNS, COMPONENTS)
    ]
    return any(found)


async def _not_by_days(reader: Reader, project_id: UUID, month: datetime) -> list[UUID]:
    rows = await reader.fetch(
        f"""
        SELECT s.series FROM (SELECT $1 AS series UNION ALL SELECT id FROM workflows WHERE project_id = $1) s
        WHERE EXISTS (SELECT FROM run_rollups r WHERE r.project_id = $1 AND r.series = s.series
                      AND r.grain = {int(Grain.MONTH)} AND r.bucket = $2)
          AND NOT EXISTS (SELECT FROM rollup_splits x WHERE x.project_id = $1 AND x.series = s.series
                          AND x.grain = {int(Grain.MONTH)} AND x.bucket = $2)
        LIMIT {_MOST_SERIES + 1}
        """,  # noqa: S608 - own words only
        project_id,
        month,
    )
    return [row["series"] for row in rows]


async def split_late(store: Store, project_id: UUID) -> None:
    """Keep by days what was counted in a month for the first time after it was frozen: its rows are all there."""
    async with store.alone(TOTALS_LOCK, project_id) as writer:
        if writer is None:
            return
        rows = await writer.fetch(
            f"""
            SELECT DISTINCT r.series, r.bucket FROM run_rollups r
            WHERE r.project_id = $1 AND r.grain = {int(Grain.MONTH)} AND r.bucket < {kept_since()}
              AND NOT EXISTS (SELECT FROM rollup_splits x WHERE x.project_id = $1 AND x.series = r.series
                              AND x.grain = r.grain AND x.bucket = r.bucket)
            LIMIT {_MOST_SERIES}
            """,  # noqa: S608 - own words only
            project_id,
        )
        for series, month in rows:
            await split(writer, project_id, series, Grain.MONTH, month)


async def drop_fine(writer: Writer, project_id: UUID) -> int:
    """Delete some roll-ups that are finer than days, of what started before the rows. Returns how many."""
    dropped = 0
    for kept in (RUNS, COMPONENTS):
        said = await writer.execute(
            f"""
            DELETE FROM {kept.table} WHERE project_id = $1 AND ctid = ANY (ARRAY(
                SELECT ctid FROM {kept.table} WHERE project_id = $1 AND grain < {int(Grain.DAY)}
                  AND bucket < {kept_since()} LIMIT {MOST_FINE}))
            """,  # noqa: S608 - own words only
            project_id,
        )
        dropped += int(said.split()[-1])
    return dropped
