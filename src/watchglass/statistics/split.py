"""Keep in the next finer grain what has grown so large that counting its rows would be slow."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from watchglass.statistics.columns import COMPONENTS, RUNS
from watchglass.statistics.grains import SPLIT_RUNS, Grain, bucket_sql, next_bucket
from watchglass.statistics.rollups import add_to_rollups, unnoted_query
from watchglass.store.scope import Writer

Bucket = tuple[UUID, int, datetime]
"""(series, grain, bucket)"""


async def split_large(writer: Writer, project_id: UUID, touched: Iterable[Bucket]) -> None:
    """Keep in the next finer grain what has grown so large that counting its rows would be slow."""
    waiting = set(touched)
    while waiting:
        large = await _large(writer, project_id, waiting)
        waiting = set()
        for series, grain, bucket in large:
            finer = Grain(grain - 1)
            await _split(writer, project_id, series, Grain(grain), bucket)
            if finer is not Grain.MINUTE:
                waiting |= {
                    (series, int(finer), row["bucket"])
                    for row in await writer.fetch(
                        "SELECT DISTINCT bucket FROM run_rollups WHERE project_id = $1 AND series = $2 AND grain = $3 "
                        "AND bucket >= $4 AND bucket < $5",
                        project_id,
                        series,
                        int(finer),
                        bucket,
                        next_bucket(Grain(grain), bucket),
                    )
                }


async def _large(writer: Writer, project_id: UUID, buckets: Iterable[Bucket]) -> list[Bucket]:
    asked = list(buckets)
    rows = await writer.fetch(
        f"""
        SELECT r.series, r.grain, r.bucket
        FROM unnest($2::uuid[], $3::smallint[], $4::timestamptz[]) AS k(series, grain, bucket)
        JOIN run_rollups r ON r.project_id = $1 AND r.series = k.series AND r.grain = k.grain AND r.bucket = k.bucket
        WHERE NOT EXISTS (SELECT FROM rollup_splits x WHERE x.project_id = $1 AND x.series = r.series
                          AND x.grain = r.grain AND x.bucket = r.bucket)
          AND (r.grain = {int(Grain.MONTH)} OR EXISTS (
              SELECT FROM rollup_splits x WHERE x.project_id = $1 AND x.series = r.series AND x.grain = r.grain + 1
                AND x.bucket <= r.bucket AND x.bucket = CASE r.grain
                    WHEN {int(Grain.DAY)} THEN {bucket_sql(Grain.MONTH, "r.bucket")}
                    ELSE {bucket_sql(Grain.DAY, "r.bucket")} END))
        GROUP BY 1, 2, 3 HAVING sum(r.total_runs) >= {SPLIT_RUNS}
        """,  # noqa: S608 - own words only
        project_id,
        *(list(column) for column in zip(*asked, strict=True)),
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def _split(writer: Writer, project_id: UUID, series: UUID, grain: Grain, bucket: datetime) -> None:
    """Fill the finer buckets from the rows; what is noted and not folded yet comes to them when it is folded."""
    await writer.execute(
        "INSERT INTO rollup_splits (project_id, series, grain, bucket) VALUES ($1, $2, $3, $4)",
        project_id,
        series,
        int(grain),
        bucket,
    )
    arguments = [project_id, series, bucket, next_bucket(grain, bucket)]
    for kept in (RUNS, COMPONENTS):
        source = unnoted_query(kept, is_project=series == project_id)
        await add_to_rollups(writer, kept, source, arguments, every=True, only=(Grain(grain - 1),))
