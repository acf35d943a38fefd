"""The least and the greatest, when the execution that had them is corrected, erased or counted elsewhere.

Sums can be taken away; an extreme that is lost has to be looked for. A bucket that is kept finer too has it from the
finer ones, which are done first; any other holds few rows, and is counted anew.
"""

from collections.abc import Sequence
from uuid import UUID

from watchglass.statistics.columns import COMPONENTS, Kept
from watchglass.statistics.grains import FINEST_FIRST, Grain, grains_sql, next_bucket
from watchglass.statistics.rollups import add_to_rollups, unnoted_query
from watchglass.statistics.split import Bucket
from watchglass.store.retention import kept_since
from watchglass.store.scope import Writer


async def lost_extremes(writer: Writer, kept: Kept, taken: Sequence[UUID]) -> list[Bucket]:
    """The buckets of which these changes took an extreme away, the finest first.

    Not those of which rows were removed: nobody can look for another one there, and the known one stays.
    """
    is_lost = " OR ".join(
        f"c.{name} {'<=' if aggregate == 'min' else '>='} r.{name}" for name, (aggregate, _) in kept.extremes.items()
    )
    grains = grains_sql(FINEST_FIRST, "c.bucket")
    rows = await writer.fetch(
        f"""
        SELECT DISTINCT r.series, r.grain, r.bucket
        FROM {kept.changes} c CROSS JOIN LATERAL (VALUES {grains}) g(grain, bucket, parent)
        JOIN {kept.table} r ON r.project_id = c.project_id AND r.series = c.series AND r.grain = g.grain
            AND r.bucket = g.bucket
        WHERE c.id = ANY ($1::uuid[]) AND c.is_correction AND ({is_lost})
            AND c.bucket >= {kept_since("c.project_id")}
        ORDER BY r.grain
        """,  # noqa: S608 - own words only
        taken,
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def find_extremes(writer: Writer, kept: Kept, project_id: UUID, lost: Sequence[Bucket]) -> None:
    """Make the extremes of these buckets those of what is left. The finest must come first."""
    for series, number, bucket in lost:
        grain = Grain(number)
        is_split = await writer.fetchval(
            "SELECT EXISTS (SELECT FROM rollup_splits "
            "WHERE project_id = $1 AND series = $2 AND grain = $3 AND bucket = $4)",
            project_id,
            series,
            number,
            bucket,
        )
        arguments = [project_id, series, bucket, next_bucket(grain, bucket)]
        if is_split:
            await _from_finer(writer, kept, grain, arguments)
        else:
            await writer.execute(
                f"DELETE FROM {kept.table} WHERE project_id = $1 AND series = $2 AND bucket = $3 "  # noqa: S608
                f"AND grain = {number}",
                *arguments[:3],
            )
            source = unnoted_query(kept, is_project=series == project_id)
            await add_to_rollups(writer, kept, source, arguments, every=True, only=(grain,))


async def _from_finer(writer: Writer, kept: Kept, grain: Grain, arguments: Sequence[object]) -> None:
    names = ", ".join(kept.extremes)
    found = ", ".join(f"{aggregate}(f.{name})" for name, (aggregate, _) in kept.extremes.items())
    same = "f.variant = t.variant" + (" AND f.component = t.component" if kept is COMPONENTS else "")
    await writer.execute(
        f"""
        UPDATE {kept.table} t SET ({names}) = (
            SELECT {found} FROM {kept.table} f
            WHERE f.project_id = $1 AND f.series = $2 AND f.grain = {int(grain) - 1}
              AND f.bucket >= $3 AND f.bucket < $4 AND {same}
        ) WHERE t.project_id = $1 AND t.series = $2 AND t.grain = {int(grain)} AND t.bucket = $3
        """,  # noqa: S608 - own words only
        *arguments,
    )
