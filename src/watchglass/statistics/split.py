"""Keep in the next finer grain what has grown so large that counting its rows would be slow."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from watchglass.statistics.columns import COMPONENTS, RUNS
from watchglass.statistics.grains import SPLIT_RUNS, Grain, bucket_of, next_bucket
from watchglass.statistics.rollups import add_to_rollups, unnoted_query
from watchglass.store.retention import kept_since
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
            await split(writer, project_id, series, Grain(grain), bucket)
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
    """Of those that are not split, but whose next coarser one is, those that hold many executions."""
    asked = [(series, grain, bucket, *_around(Grain(grain), bucket)) for series, grain, bucket in buckets]
    rows = await writer.fetch(
        f"""
        SELECT k.series, k.grain, k.bucket
        FROM unnest($2::uuid[], $3::smallint[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
            AS k(series, grain, bucket, next, parent)
        WHERE (k.grain = {int(Grain.YEAR)} OR EXISTS (SELECT FROM rollup_splits x WHERE x.project_id = $1
                AND x.series = k.series AND x.grain = k.grain + 1 AND x.bucket = k.parent))
          AND NOT EXISTS (SELECT FROM rollup_splits x WHERE x.project_id = $1
                AND x.series = k.series AND x.grain = k.grain AND x.bucket = k.bucket)
          AND (SELECT sum(r.total_runs) FROM run_rollups r WHERE r.project_id = $1 AND r.series = k.series
                AND r.grain = least(k.grain, {int(RUNS.always)}) AND r.bucket >= k.bucket AND r.bucket < k.next
              ) >= {SPLIT_RUNS}
          -- Of what started before, rows may be gone; of a month or a year that is not split, all are there.
          AND (k.grain >= {int(Grain.MONTH)} OR k.bucket >= {kept_since()})
        """,  # noqa: S608 - own words only
        project_id,
        *(list(column) for column in zip(*asked, strict=True)),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _around(grain: Grain, bucket: datetime) -> tuple[datetime, datetime]:
    """The next bucket of the grain, and the one that the bucket is in; a year is in itself."""
    return next_bucket(grain, bucket), bucket_of(Grain(min(grain + 1, Grain.YEAR)), bucket)


async def split(writer: Writer, project_id: UUID, series: UUID, grain: Grain, bucket: datetime) -> None:
    """Fill the finer buckets from the rows; what is noted and not folded yet comes to them when it is folded.

    The coarser ones around the bucket are split, too, where they are not.
    """
    if grain is not Grain.YEAR:
        around = Grain(grain + 1)
        await split(writer, project_id, series, around, bucket_of(around, bucket))
    done = await writer.execute(
        "INSERT INTO rollup_splits (project_id, series, grain, bucket) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        project_id,
        series,
        int(grain),
        bucket,
    )
    if done.endswith(" 0"):
        return
    arguments = [project_id, series, bucket, next_bucket(grain, bucket)]
    if grain is Grain.YEAR:
        # Processes of the version before keep components by month in every year, and may have left some.
        await writer.execute(
            "DELETE FROM component_rollups "  # noqa: S608 - own words
            f"WHERE project_id = $1 AND series = $2 AND grain = {int(Grain.MONTH)} AND bucket >= $3 AND bucket < $4",
            *arguments,
        )
    for kept in (RUNS, COMPONENTS):
        if grain <= kept.always:
            source = unnoted_query(kept, is_project=series == project_id)
            await add_to_rollups(writer, kept, source, arguments, every=True, only=(Grain(grain - 1),))
