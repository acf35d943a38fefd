"""Make a project's roll-ups and totals anew from its rows, as far as it has them (`store/retention.py`)."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg.exceptions import SerializationError

from watchglass.statistics.columns import COMPONENTS, RUNS, Kept
from watchglass.statistics.contribution import OF_PROJECT, OF_WORKFLOW, counted_query
from watchglass.statistics.definitions import RUN_FIGURES
from watchglass.statistics.grains import SPLIT_BY, SPLIT_RUNS, Grain, bucket_of, bucket_sql, next_bucket
from watchglass.statistics.keep import TOTALS_LOCK
from watchglass.statistics.rollups import add_to_rollups
from watchglass.statistics.split import split_large
from watchglass.store.retention import kept_since, read_rows_from
from watchglass.store.scope import Reader, Store, Writer
from watchglass.store.totals import NOTED_TOTALS

MOST_RUNS = 50_000
"""Rolled up together: what they add up to stands in memory."""
_WORK_MEMORY = "64MB"
"""Of a step of a query, so that groups need no file."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    executions: int
    months: int


async def projects_without_rollups(reader: Reader) -> list[UUID]:
    """New ones, and those from before there were any."""
    rows = await reader.fetch(
        "SELECT p.id FROM projects p WHERE NOT EXISTS (SELECT FROM rollup_projects r WHERE r.project_id = p.id)"
    )
    return [row["id"] for row in rows]


async def rebuild(store: Store, project_id: UUID) -> Rebuilt | None:
    """All or nothing, beside syncs, which note meanwhile what they change.

    None when it is not its turn: somebody else is at it, or the project changed since its moment.
    """
    with suppress(SerializationError):
        return await _rebuild(store, project_id)
    return None


async def _rebuild(store: Store, project_id: UUID) -> Rebuilt | None:
    async with store.alone(TOTALS_LOCK, project_id) as writer:
        if writer is None:
            return None
        await writer.execute(f"SET LOCAL work_mem = '{_WORK_MEMORY}'")
        # Planned for any stretch of time, it would look for the executions of a month one by one.
        await writer.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        for table in ("run_rollups", "component_rollups", "rollup_splits"):
            await writer.execute(
                f"DELETE FROM {table} WHERE project_id = $1 AND bucket >= {kept_since()}",  # noqa: S608 - own words
                project_id,
            )
        for table in ("rollup_variants", "rollup_components"):
            # The roll-ups of removed rows know their words by these numbers.
            await writer.execute(
                f"DELETE FROM {table} WHERE project_id = $1 AND {kept_since()} = '-infinity'",  # noqa: S608
                project_id,
            )
        # All that is noted is in the rows already, as this transaction sees both of one moment.
        for kept in (RUNS, COMPONENTS):
            await writer.execute(
                f"DELETE FROM {kept.changes} WHERE project_id = $1 AND bucket >= {kept_since()}",  # noqa: S608
                project_id,
            )
        executions = await _rebuild_totals(writer, project_id)
        months = await _months(writer, project_id)
        await _add_splits(writer, project_id)
        for start, end in _stretches(months):
            for kept in (RUNS, COMPONENTS):
                for is_project in (False, True):
                    await _add_stretch(writer, kept, project_id, start, end, is_project=is_project)
        await _split_cut_year(writer, project_id)
        await writer.execute(
            "INSERT INTO rollup_projects (project_id, rolled_up_at) VALUES ($1, clock_timestamp()) "
            "ON CONFLICT (project_id) DO UPDATE SET rolled_up_at = excluded.rolled_up_at",
            project_id,
        )
        return Rebuilt(executions, len(months))


_OF_MONTHS = ", ".join(
    "CASE WHEN coalesce(v.is_top_level, r.variant = -1) THEN r.total_runs ELSE 0 END AS top_level_runs"
    if name == "top_level_runs"
    else f"r.{name}"
    for name in RUN_FIGURES
)
_REMOVED = f"""
    SELECT r.series AS workflow_id, {_OF_MONTHS} FROM run_rollups r
    LEFT JOIN rollup_variants v ON v.project_id = r.project_id AND v.series = r.series AND v.id = r.variant
    WHERE r.project_id = $1 AND r.series <> $1 AND r.grain = {int(Grain.MONTH)} AND r.bucket < {kept_since()}
    UNION ALL
    SELECT series, {NOTED_TOTALS} FROM run_changes
    WHERE project_id = $1 AND series <> $1 AND bucket < {kept_since()} AND is_totalled
"""  # noqa: S608 - own words only
"""What there was before the rows that are kept, by workflow."""


async def _rebuild_totals(writer: Writer, project_id: UUID) -> int:
    figures = ", ".join(f"{sql} AS {name}" for name, sql in RUN_FIGURES.items())
    names = ", ".join(RUN_FIGURES)
    sums = ", ".join(f"coalesce(sum({name}), 0)" for name in RUN_FIGURES)
    await writer.execute("DELETE FROM workflow_statistics WHERE project_id = $1", project_id)
    await writer.execute("DELETE FROM project_statistics WHERE project_id = $1", project_id)
    await writer.execute(
        f"INSERT INTO workflow_statistics (project_id, workflow_id, {names}) "  # noqa: S608 - own words
        f"SELECT $1, workflow_id, {sums} FROM ("
        f"SELECT e.workflow_id, {figures} FROM workflow_executions e WHERE e.project_id = $1 "
        f"AND e.started_at >= {kept_since()} GROUP BY e.workflow_id UNION ALL {_REMOVED}) added "
        "JOIN workflows w ON w.project_id = $1 AND w.id = added.workflow_id GROUP BY workflow_id",
        project_id,
    )
    executions = await writer.fetchval(
        f"INSERT INTO project_statistics (project_id, {names}) "  # noqa: S608 - own words
        f"SELECT project_id, {sums} FROM workflow_statistics "
        "WHERE project_id = $1 GROUP BY project_id RETURNING total_runs",
        project_id,
    )
    return executions or 0


async def _months(writer: Reader, project_id: UUID) -> dict[datetime, int]:
    """Those in which executions started, and how many."""
    rows = await writer.fetch(
        f"SELECT {bucket_sql(Grain.MONTH, 'started_at')} AS month, count(*) AS runs FROM workflow_executions "  # noqa: S608
        f"WHERE project_id = $1 AND started_at >= {kept_since()} GROUP BY 1 ORDER BY 1",
        project_id,
    )
    return {row["month"]: row["runs"] for row in rows}


def _stretches(months: Mapping[datetime, int]) -> Iterator[tuple[datetime, datetime]]:
    """Months that are rolled up together: many small ones, or one that is large."""
    stretch: list[datetime] = []
    runs = 0
    for month in months:
        if stretch and runs + months[month] > MOST_RUNS:
            yield stretch[0], next_bucket(Grain.MONTH, stretch[-1])
            stretch, runs = [], 0
        stretch.append(month)
        runs += months[month]
    if stretch:
        yield stretch[0], next_bucket(Grain.MONTH, stretch[-1])


async def _add_splits(writer: Writer, project_id: UUID) -> None:
    """Of every series, from one look at the executions."""
    day, month, year = (bucket_sql(grain, "bucket") for grain in (Grain.DAY, Grain.MONTH, Grain.YEAR))
    large = f"HAVING sum(runs) >= {SPLIT_RUNS}"
    await writer.execute(
        f"""
        WITH counted AS MATERIALIZED (
            SELECT workflow_id AS series, {bucket_sql(Grain.HOUR, "started_at")} AS bucket, count(*) AS runs
            FROM workflow_executions WHERE project_id = $1 AND started_at >= {kept_since()} GROUP BY 1, 2
        ), hours AS MATERIALIZED (
            SELECT * FROM counted UNION ALL SELECT $1, bucket, sum(runs) FROM counted GROUP BY bucket
        ), years AS MATERIALIZED (SELECT series, {year} AS bucket FROM hours GROUP BY 1, 2 {large}),
        months AS MATERIALIZED (SELECT series, {month} AS bucket FROM hours GROUP BY 1, 2 {large}),
        days AS MATERIALIZED (
            SELECT d.* FROM (SELECT series, {day} AS bucket FROM hours GROUP BY 1, 2 {large}) d
            WHERE (series, {month}) IN (SELECT series, bucket FROM months)
        )
        INSERT INTO rollup_splits (project_id, series, grain, bucket)
        SELECT $1, series, {int(Grain.YEAR)}, bucket FROM years WHERE bucket >= {kept_since()}
        UNION ALL SELECT $1, series, {int(Grain.MONTH)}, bucket FROM months
        UNION ALL SELECT $1, series, {int(Grain.DAY)}, bucket FROM days
        UNION ALL SELECT $1, series, {int(Grain.HOUR)}, bucket FROM hours
            WHERE runs >= {SPLIT_RUNS} AND (series, {day}) IN (SELECT series, bucket FROM days)
        ON CONFLICT DO NOTHING
        """,  # noqa: S608 - own words only
        project_id,
    )


async def _split_cut_year(writer: Writer, project_id: UUID) -> None:
    """The year whose first months have no rows any more: where it is not split, its rows are all there."""
    rows_from = await read_rows_from(writer, project_id)
    if rows_from is not None:
        rows = await writer.fetch("SELECT id FROM workflows WHERE project_id = $1", project_id)
        year = bucket_of(Grain.YEAR, rows_from)
        await split_large(
            writer, project_id, [(series, Grain.YEAR, year) for series in (project_id, *(row["id"] for row in rows))]
        )


async def _add_stretch(
    writer: Writer, kept: Kept, project_id: UUID, start: datetime, end: datetime, *, is_project: bool
) -> None:
    """Add up the rows of months in the finest buckets that their series keep, and the coarser ones from those.

    What the rows add up to is noted, as by a sync, and taken into the roll-ups from there: it is little beside them.
    """
    series = OF_PROJECT if is_project else OF_WORKFLOW
    splits = " ".join(
        f"LEFT JOIN rollup_splits s{int(grain)} ON s{int(grain)}.project_id = $1 AND s{int(grain)}.series = {series} "
        f"AND s{int(grain)}.grain = {int(grain)} AND s{int(grain)}.bucket = {bucket_sql(grain, 'e.started_at')}"
        for grain in SPLIT_BY
    )
    finest = " ".join(
        f"WHEN s{int(grain)}.grain IS NULL THEN {bucket_sql(grain, 'e.started_at')}"
        for grain in SPLIT_BY
        if grain <= Grain.MONTH
    )
    # A month may be split in a year that is not yet: what days add up to months there, `_split_cut_year` makes anew.
    is_kept = "true" if kept is RUNS else f"coalesce(s{int(Grain.YEAR)}.grain, s{int(Grain.MONTH)}.grain) IS NOT NULL"
    counted = counted_query(
        kept,
        f"e.project_id = $1 AND e.started_at >= $2 AND e.started_at < $3 AND {is_kept}",
        series=series,
        bucket=f"CASE {finest} ELSE {bucket_sql(Grain.MINUTE, 'e.started_at')} END",
        joined=splits,
    )
    columns = ", ".join((*kept.names, *kept.sums, *kept.extremes, "bins", "bin_counts"))
    totalled = ", is_totalled" if kept is RUNS else ""
    stretch = project_id, start, end
    await writer.execute(
        f"INSERT INTO {kept.changes} (project_id, series, bucket, {columns}, is_correction{totalled}) "  # noqa: S608
        f"SELECT project_id, series, bucket, {columns}, false{', true' if totalled else ''} FROM ({counted}) counted",
        *stretch,
    )
    noted = f"FROM {kept.changes} WHERE project_id = $1 AND bucket >= $2 AND bucket < $3"
    await add_to_rollups(writer, kept, f"SELECT * {noted}", stretch, every=False)
    await writer.execute(f"DELETE {noted}", *stretch)
