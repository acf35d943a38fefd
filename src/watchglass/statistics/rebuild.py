"""Make a project's roll-ups and totals anew from its rows, and find where they differ from them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from watchglass.statistics.columns import COMPONENTS, RUNS, Kept
from watchglass.statistics.contribution import OF_PROJECT, OF_WORKFLOW, counted_query
from watchglass.statistics.definitions import RUN_FIGURES
from watchglass.statistics.grains import SPLIT_RUNS, Grain, bucket_sql, next_bucket
from watchglass.statistics.keep import TOTALS_LOCK
from watchglass.statistics.rollups import add_to_rollups
from watchglass.store.scope import Reader, Store, Writer


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
    """All or nothing, beside syncs, which note meanwhile what they change. None when somebody else is at it."""
    async with store.alone(TOTALS_LOCK, project_id) as writer:
        if writer is None:
            return None
        for table in ("run_rollups", "component_rollups", "rollup_splits", "rollup_variants", "rollup_components"):
            await writer.execute(f"DELETE FROM {table} WHERE project_id = $1", project_id)  # noqa: S608 - own words
        # All that is noted is in the rows already, as this transaction sees both of one moment.
        for kept in (RUNS, COMPONENTS):
            await writer.execute(f"DELETE FROM {kept.changes} WHERE project_id = $1", project_id)  # noqa: S608
        executions = await _rebuild_totals(writer, project_id)
        months = await _months(writer, project_id)
        for is_project in (False, True):
            for month in months:
                await _add_splits(writer, project_id, month, is_project=is_project)
                await _add_month(writer, project_id, month, is_project=is_project)
        await writer.execute(
            "INSERT INTO rollup_projects (project_id, rolled_up_at) VALUES ($1, clock_timestamp()) "
            "ON CONFLICT (project_id) DO UPDATE SET rolled_up_at = excluded.rolled_up_at",
            project_id,
        )
        return Rebuilt(executions, len(months))


async def _rebuild_totals(writer: Writer, project_id: UUID) -> int:
    figures = ", ".join(f"{sql} AS {name}" for name, sql in RUN_FIGURES.items())
    names = ", ".join(RUN_FIGURES)
    await writer.execute("DELETE FROM workflow_statistics WHERE project_id = $1", project_id)
    await writer.execute("DELETE FROM project_statistics WHERE project_id = $1", project_id)
    await writer.execute(
        f"INSERT INTO workflow_statistics (project_id, workflow_id, {names}) "  # noqa: S608 - own words
        f"SELECT e.project_id, e.workflow_id, {figures} FROM workflow_executions e WHERE e.project_id = $1 "
        "GROUP BY e.project_id, e.workflow_id",
        project_id,
    )
    executions = await writer.fetchval(
        f"INSERT INTO project_statistics (project_id, {names}) "  # noqa: S608 - own words
        f"SELECT project_id, {', '.join(f'sum({name})' for name in RUN_FIGURES)} FROM workflow_statistics "
        "WHERE project_id = $1 GROUP BY project_id RETURNING total_runs",
        project_id,
    )
    return executions or 0


async def _months(writer: Reader, project_id: UUID) -> list[datetime]:
    """Those in which executions started."""
    rows = await writer.fetch(
        f"SELECT DISTINCT {bucket_sql(Grain.MONTH, 'started_at')} AS month FROM workflow_executions "  # noqa: S608
        "WHERE project_id = $1 ORDER BY 1",
        project_id,
    )
    return [row["month"] for row in rows]


async def _add_splits(writer: Writer, project_id: UUID, month: datetime, *, is_project: bool) -> None:
    series = OF_PROJECT if is_project else OF_WORKFLOW
    for grain in (Grain.MONTH, Grain.DAY, Grain.HOUR):
        parent = (
            "true"
            if grain is Grain.MONTH
            else (
                "EXISTS (SELECT FROM rollup_splits x WHERE x.project_id = $1 AND x.series = n.series "
                f"AND x.grain = {grain + 1} AND x.bucket = {bucket_sql(Grain(grain + 1), 'n.bucket')})"
            )
        )
        await writer.execute(
            f"""
            INSERT INTO rollup_splits (project_id, series, grain, bucket)
            SELECT $1, series, {int(grain)}, bucket FROM (
                SELECT {series} AS series, {bucket_sql(grain, "e.started_at")} AS bucket FROM workflow_executions e
                WHERE e.project_id = $1 AND e.started_at >= $2 AND e.started_at < $3
                GROUP BY 1, 2 HAVING count(*) >= {SPLIT_RUNS}
            ) n WHERE {parent}
            """,  # noqa: S608 - own words only
            project_id,
            month,
            next_bucket(Grain.MONTH, month),
        )


async def _add_month(writer: Writer, project_id: UUID, month: datetime, *, is_project: bool) -> None:
    where = "e.project_id = $1 AND e.started_at >= $2 AND e.started_at < $3"
    for kept in (RUNS, COMPONENTS):
        counted = counted_query(kept, where, series=OF_PROJECT if is_project else OF_WORKFLOW)
        source = f"SELECT counted.*, false AS is_correction FROM ({counted}) counted"  # noqa: S608 - own words
        await add_to_rollups(writer, kept, source, [project_id, month, next_bucket(Grain.MONTH, month)], every=False)


@dataclass(frozen=True, slots=True)
class Drift:
    """A bucket whose roll-up is not what its rows add up to."""

    table: str
    series: UUID
    grain: Grain
    bucket: datetime


async def find_drift(store: Store, project_id: UUID) -> list[Drift] | None:
    """None when somebody else is at the roll-ups; nothing is changed either way."""
    async with store.alone(TOTALS_LOCK, project_id) as reader:
        if reader is None:
            return None
        found: list[Drift] = []
        for month in await _months(reader, project_id):
            for kept in (RUNS, COMPONENTS):
                for is_project in (False, True):
                    found += await _drift(reader, kept, project_id, month, is_project=is_project)
        return found


async def _drift(reader: Reader, kept: Kept, project_id: UUID, month: datetime, *, is_project: bool) -> list[Drift]:
    """Of one month: the sums of every figure, whatever they are split by."""
    figures = ", ".join(f"sum({name}) AS {name}" for name in kept.sums)
    grains = ", ".join(f"({int(g)}, {bucket_sql(g, 'n.bucket')}, {_parent(g)})" for g in Grain)
    whose = "r.series = r.project_id" if is_project else "r.series <> r.project_id"
    counted = counted_query(
        kept,
        "e.project_id = $1 AND e.started_at >= $2 AND e.started_at < $3",
        series=OF_PROJECT if is_project else OF_WORKFLOW,
    )
    names = tuple(kept.sums)
    pending = ", ".join(f"-{name}" for name in names)
    rows = await reader.fetch(
        f"""
        WITH noted AS (
            SELECT series, bucket, {", ".join(names)} FROM ({counted}) counted
            UNION ALL SELECT series, bucket, {pending} FROM {kept.changes} r
            WHERE r.project_id = $1 AND r.bucket >= $2 AND r.bucket < $3 AND {whose}
        ), expected AS (
            SELECT n.series, g.grain, g.bucket, {figures} FROM noted n
            CROSS JOIN LATERAL (VALUES {grains}) g(grain, bucket, parent)
            WHERE g.grain = {int(Grain.MONTH)} OR EXISTS (SELECT FROM rollup_splits x WHERE x.project_id = $1
                AND x.series = n.series AND x.grain = g.grain + 1 AND x.bucket = g.parent)
            GROUP BY 1, 2, 3
        ), kept AS (
            SELECT r.series, r.grain, r.bucket, {figures} FROM {kept.table} r
            WHERE r.project_id = $1 AND r.bucket >= $2 AND r.bucket < $3 AND {whose} GROUP BY 1, 2, 3
        )
        SELECT DISTINCT series, grain, bucket FROM (
            (SELECT * FROM expected EXCEPT SELECT * FROM kept) UNION ALL
            (SELECT * FROM kept EXCEPT SELECT * FROM expected)
        ) differing WHERE ({" + ".join(f"abs({name})" for name in names)}) <> 0 ORDER BY 1, 2, 3
        """,  # noqa: S608 - own words only
        project_id,
        month,
        next_bucket(Grain.MONTH, month),
    )
    return [Drift(kept.table, row[0], Grain(row[1]), row[2]) for row in rows]


def _parent(grain: Grain) -> str:
    return "NULL::timestamptz" if grain is Grain.MONTH else bucket_sql(Grain(grain + 1), "n.bucket")
