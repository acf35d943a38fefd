"""Find where roll-ups and totals are not what their rows add up to.

Each query sees the database of one moment, in which rows, notes and roll-ups belong together: nobody has to be kept
from folding or syncing meanwhile, and nothing is changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from watchglass.statistics.columns import COMPONENTS, RUNS, Kept
from watchglass.statistics.contribution import OF_PROJECT, OF_WORKFLOW, counted_query
from watchglass.statistics.definitions import RUN_FIGURES
from watchglass.statistics.grains import COARSEST_FIRST, Grain, bucket_sql, grains_sql, is_kept_sql, next_bucket
from watchglass.store.retention import kept_since
from watchglass.store.scope import ALONE_SECONDS, Reader, Store


@dataclass(frozen=True, slots=True)
class Drift:
    """What is not what its rows add up to: a bucket's roll-up, or a total."""

    table: str
    series: UUID
    grain: Grain | None
    """None, and no bucket: the total of a workflow or of the project, of all time."""
    bucket: datetime | None


@dataclass(frozen=True, slots=True)
class Comparison:
    compared: int
    """Buckets and totals."""
    drift: tuple[Drift, ...]

    def plus(self, other: "Comparison") -> "Comparison":
        return Comparison(self.compared + other.compared, self.drift + other.drift)


NOTHING_COMPARED = Comparison(0, ())


@dataclass(frozen=True, slots=True)
class Part:
    """Of a comparison, short enough that somebody else may work between two of them. No month: the totals."""

    month: datetime | None
    kept: Kept = RUNS
    is_project: bool = False


async def find_drift(store: Store, project_id: UUID) -> Comparison:
    """All of a project, part by part."""
    found = NOTHING_COMPARED
    for part in await parts_of(store, project_id):
        found = found.plus(await compare(store, project_id, part))
    return found


async def parts_of(store: Store, project_id: UUID) -> list[Part]:
    async with store.write() as reader:
        return list(_parts(await months(Reader(reader.connection, ALONE_SECONDS), project_id)))


def _parts(known: list[datetime]) -> Iterator[Part]:
    for month in known:
        for kept in (RUNS, COMPONENTS):
            for is_project in (False, True):
                yield Part(month, kept, is_project)
    yield Part(None)


async def months(reader: Reader, project_id: UUID) -> list[datetime]:
    """Those in which executions started, or of which there are roll-ups or notes; none of which rows were removed."""
    rows = await reader.fetch(
        f"""
        SELECT month FROM (
            SELECT DISTINCT {bucket_sql(Grain.MONTH, "started_at")} AS month FROM workflow_executions
            WHERE project_id = $1
            UNION SELECT {bucket_sql(Grain.MONTH, "bucket")} FROM run_rollups
            WHERE project_id = $1 AND series = $1 AND grain = {int(Grain.MONTH)}
            UNION SELECT {bucket_sql(Grain.MONTH, "bucket")} FROM run_changes WHERE project_id = $1
        ) known WHERE month >= {kept_since()} ORDER BY month
        """,  # noqa: S608 - own words only
        project_id,
    )
    return [row["month"] for row in rows]


async def compare(store: Store, project_id: UUID, part: Part) -> Comparison:
    async with store.write() as connected:
        reader = Reader(connected.connection, ALONE_SECONDS)
        if part.month is None:
            return await _compare_totals(reader, project_id)
        rows = await reader.fetch(
            _query(part.kept, is_project=part.is_project),
            project_id,
            part.month,
            next_bucket(Grain.MONTH, part.month),
        )
    # The first says how many were compared.
    compared, *differing = rows
    drift = (Drift(part.kept.table, row["series"], Grain(row["grain"]), row["bucket"]) for row in differing)
    return Comparison(compared["compared"], tuple(drift))


def _query(kept: Kept, *, is_project: bool) -> str:
    """Of project $1 in $2 ≤ t < $3: how many buckets there are, then those that differ, whatever they are split by.

    Sums and histograms are to be those of the rows without what is noted and not folded yet. Extremes cannot be taken
    away: with what is noted they are to be those of the rows; while a correction is noted, nothing is known of them.
    """
    return f"""
        WITH noted AS ({_rows_and_notes(kept, is_project=is_project)}), scoped AS MATERIALIZED (
            SELECT n.*, g.grain, g.bucket FROM noted n
            CROSS JOIN LATERAL (VALUES {grains_sql(COARSEST_FIRST, "n.minute")}) g(grain, bucket, parent)
            WHERE {is_kept_sql(kept.always, "n")}
        ), found AS MATERIALIZED (
            SELECT * FROM {kept.table} r
            WHERE r.project_id = $1 AND r.bucket >= $2 AND r.bucket < $3 AND {_whose(is_project=is_project)}
        ), expected AS (
            SELECT * FROM ({_expected(kept)}) figures FULL JOIN ({_histograms("scoped", "n * sign")}) h USING ({_KEY})
        ), kept AS (
            SELECT * FROM ({_kept(kept)}) figures FULL JOIN ({_histograms("found", "n")}) h USING ({_KEY})
        ), compared AS MATERIALIZED (
            SELECT {_KEY}, {_differs(kept)} AS differs FROM expected e FULL JOIN kept k USING ({_KEY})
        )
        SELECT * FROM (
            SELECT NULL AS series, NULL AS grain, NULL AS bucket, count(*) AS compared FROM compared
            UNION ALL SELECT {_KEY}, NULL FROM compared WHERE differs
        ) told ORDER BY series NULLS FIRST, grain, bucket
    """  # noqa: S608 - own words only


_KEY = "series, grain, bucket"


def _whose(*, is_project: bool) -> str:
    return "r.series = r.project_id" if is_project else "r.series <> r.project_id"


def _rows_and_notes(kept: Kept, *, is_project: bool) -> str:
    """What the rows add up to, and with the opposite `sign` what of it is not folded yet."""
    counted = counted_query(
        kept,
        "e.project_id = $1 AND e.started_at >= $2 AND e.started_at < $3",
        series=OF_PROJECT if is_project else OF_WORKFLOW,
    )
    key = "project_id, series, bucket AS minute"
    rest = ", ".join((*kept.extremes, "bins", "bin_counts"))
    return f"""
        SELECT {key}, {", ".join(kept.sums)}, {rest}, 1 AS sign, true AS is_counted, false AS is_correction
        FROM ({counted}) counted
        UNION ALL
        SELECT {key}, {", ".join(f"-{name}" for name in kept.sums)}, {rest}, -1, false, is_correction
        FROM {kept.changes} r
        WHERE r.project_id = $1 AND r.bucket >= $2 AND r.bucket < $3 AND {_whose(is_project=is_project)}
    """  # noqa: S608 - own words only


def _expected(kept: Kept) -> str:
    """The figures of each bucket; extremes of the rows, and apart from them those that are noted."""
    sums = ", ".join(f"sum({name}) AS {name}" for name in kept.sums)
    of_rows = ", ".join(
        f"{aggregate}({name}) FILTER (WHERE is_counted) AS {name}" for name, (aggregate, _) in kept.extremes.items()
    )
    of_notes = ", ".join(
        f"{aggregate}({name}) FILTER (WHERE NOT is_counted AND NOT is_correction) AS noted_{name}"
        for name, (aggregate, _) in kept.extremes.items()
    )
    return (
        f"SELECT {_KEY}, {sums}, {of_rows}, {of_notes}, NOT bool_or(is_correction) AS is_settled "  # noqa: S608
        f"FROM scoped GROUP BY {_KEY}"
    )


def _kept(kept: Kept) -> str:
    sums = ", ".join(f"sum({name}) AS {name}" for name in kept.sums)
    extremes = ", ".join(f"{aggregate}({name}) AS {name}" for name, (aggregate, _) in kept.extremes.items())
    return f"SELECT {_KEY}, {sums}, {extremes} FROM found GROUP BY {_KEY}"  # noqa: S608 - own words only


def _differs(kept: Kept) -> str:
    """Whether what is expected (`e`) is not what is kept (`k`)."""
    return " OR ".join(
        [f"coalesce(e.{name}, 0) <> coalesce(k.{name}, 0)" for name in kept.sums]
        + ["coalesce(e.histogram, '{}') <> coalesce(k.histogram, '{}')"]
        + [
            f"(e.is_settled IS NOT false AND e.{name} IS DISTINCT FROM "
            f"{'least' if aggregate == 'min' else 'greatest'}(k.{name}, e.noted_{name}))"
            for name, (aggregate, _) in kept.extremes.items()
        ]
    )


def _histograms(source: str, number: str) -> str:
    """Of each bucket one array: a code, its number, the next code, its number."""
    return f"""
        SELECT series, grain, bucket, array_agg(ARRAY[code, n] ORDER BY code) AS histogram FROM (
            SELECT series, grain, bucket, code, sum({number})::bigint AS n
            FROM {source}, unnest(bins, bin_counts) u(code, counted), LATERAL (SELECT coalesce(counted, 1)) c(n)
            GROUP BY series, grain, bucket, code HAVING sum({number}) <> 0
        ) coded GROUP BY series, grain, bucket
    """  # noqa: S608 - own words only


async def _compare_totals(reader: Reader, project_id: UUID) -> Comparison:
    """The totals of workflows and of the project, against the months and what is noted."""
    names = tuple(RUN_FIGURES)
    sums = ", ".join(f"sum({name}) AS {name}" for name in names)
    of_month = ", ".join(
        "CASE WHEN coalesce(v.is_top_level, r.variant = -1) THEN r.total_runs ELSE 0 END"
        if name == "top_level_runs"
        else f"r.{name}"
        for name in names
    )
    noted = ", ".join(
        "CASE WHEN is_top_level THEN total_runs ELSE 0 END" if name == "top_level_runs" else name for name in names
    )
    untotalled = ", ".join(f"CASE WHEN is_totalled THEN 0 ELSE {name} END" for name in names)
    differs = " OR ".join(f"coalesce(e.{name}, 0) <> coalesce(k.{name}, 0)" for name in names)
    rows = await reader.fetch(
        f"""
        WITH noted AS MATERIALIZED (
            SELECT series, is_totalled, n.* FROM run_changes c,
                LATERAL (SELECT {noted}) n({", ".join(names)}) WHERE c.project_id = $1
        ), expected AS (
            SELECT series, {sums} FROM (
                SELECT r.series, m.* FROM run_rollups r
                LEFT JOIN rollup_variants v
                    ON v.project_id = r.project_id AND v.series = r.series AND v.id = r.variant
                CROSS JOIN LATERAL (SELECT {of_month}) m({", ".join(names)})
                WHERE r.project_id = $1 AND r.grain = {int(Grain.MONTH)}
                UNION ALL SELECT series, {", ".join(names)} FROM noted
            ) added GROUP BY series
        ), kept AS (
            SELECT series, {sums} FROM (
                SELECT workflow_id AS series, {", ".join(names)} FROM workflow_statistics WHERE project_id = $1
                UNION ALL SELECT project_id, {", ".join(names)} FROM project_statistics WHERE project_id = $1
                UNION ALL SELECT series, {untotalled} FROM noted
            ) added GROUP BY series
        ), compared AS MATERIALIZED (
            SELECT series, {differs} AS differs FROM expected e FULL JOIN kept k USING (series)
        )
        SELECT * FROM (
            SELECT NULL AS series, count(*) AS compared FROM compared
            UNION ALL SELECT series, NULL FROM compared WHERE differs
        ) told ORDER BY series NULLS FIRST
        """,  # noqa: S608 - own words only
        project_id,
    )
    compared, *differing = rows
    drift = (
        Drift("project_statistics" if row["series"] == project_id else "workflow_statistics", row["series"], None, None)
        for row in differing
    )
    return Comparison(compared["compared"], tuple(drift))
