"""Put what rows of executions, or notes of changes, add up to into the roll-ups."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from watchglass.statistics.columns import COMPONENTS, RUNS, Kept
from watchglass.statistics.contribution import OF_PROJECT, OF_WORKFLOW, counted_query
from watchglass.statistics.grains import COARSEST_FIRST, Grain, bucket_sql, grains_sql, is_kept_sql
from watchglass.store.scope import Writer

MOST_VARIANTS = 500
MOST_COMPONENTS = 500
"""Told apart in one series with their task queues, and as many again without; the rest is one line."""


async def add_to_rollups(
    writer: Writer,
    kept: Kept,
    source: str,
    arguments: Sequence[Any],
    *,
    every: bool,
    only: Iterable[Grain] = COARSEST_FIRST,
) -> None:
    """Add rows of the shape of `kept.changes` to the roll-ups.

    `source`: a query of them. `every`: of all the grains in `only`, else of those in which a bucket is kept.
    """
    grains = tuple(sorted(only))
    is_kept = "true" if every else is_kept_sql(kept.always, "s")
    await _name(writer, kept, await _words(writer, kept, _kept_rows(source, grains, is_kept), arguments))
    await writer.execute(_add_query(kept, source, grains, is_kept), *arguments)


def _kept_rows(source: str, grains: Sequence[Grain], is_kept: str) -> str:
    """Those rows of the source that are kept in one of the grains at least: most are in the coarsest, if at all."""
    any_grain = (
        f"SELECT FROM (VALUES {grains_sql(reversed(grains), 's.bucket')}) g(grain, bucket, parent) WHERE {is_kept}"
    )
    return f"SELECT s.* FROM ({source}) s WHERE EXISTS ({any_grain})"  # noqa: S608 - own words only


def key_of(kept: Kept) -> tuple[str, ...]:
    """The columns of a roll-up's primary key."""
    return "project_id", "series", "grain", "bucket", *(("component",) if kept is COMPONENTS else ()), "variant"


def _add_query(kept: Kept, source: str, grains: Sequence[Grain], is_kept: str) -> str:
    """Each row of the source is added up in the finest bucket that is kept, and in coarser ones with all that is in
    the finer: there is less of that.
    """
    columns = ", ".join((*key_of(kept), *kept.sums, *kept.extremes, "bins", "bin_counts"))
    levels: list[str] = []
    for number, grain in enumerate(grains):
        added = [f"SELECT {columns}, is_correction FROM scoped WHERE grain = {int(grain)}"]  # noqa: S608 - own words
        if number:
            finer = columns.replace("grain, bucket", f"{int(grain)} AS grain, {bucket_sql(grain, 'bucket')} AS bucket")
            added.append(f"SELECT {finer}, false FROM {grains[number - 1].word}s")  # noqa: S608
        levels.append(f"{grain.word}s AS MATERIALIZED ({_lines(kept, ' UNION ALL '.join(added))})")
    every = " UNION ALL ".join(f"SELECT {columns} FROM {grain.word}s" for grain in grains)  # noqa: S608 - own words
    return f"""
        WITH source AS ({source}), scoped AS MATERIALIZED ({_scoped(kept, grains, is_kept)}), {", ".join(levels)}
        INSERT INTO {kept.table} AS t ({columns}) {every}
        ON CONFLICT ({", ".join(key_of(kept))}) DO UPDATE SET {_added(kept)}
    """


def _scoped(kept: Kept, grains: Collection[Grain], is_kept: str) -> str:
    """Each row of `source` in the finest bucket that it is kept in, with numbers for its words."""
    component, joins = _number_of_component() if kept is COMPONENTS else ("", "")
    return f"""
        SELECT s.project_id, s.series, g.grain, g.bucket, {component}
            coalesce(v.id, CASE WHEN s.is_top_level THEN -1 ELSE -2 END) AS variant,
            {", ".join(f"s.{name}" for name in (*kept.sums, *kept.extremes))}, s.bins, s.bin_counts, s.is_correction
        FROM source s
        CROSS JOIN LATERAL (
            SELECT g.grain, g.bucket FROM (VALUES {grains_sql(grains, "s.bucket")}) g(grain, bucket, parent)
            WHERE {is_kept} ORDER BY g.grain LIMIT 1
        ) g
        LEFT JOIN rollup_variants v ON v.project_id = s.project_id AND v.series = s.series
            AND v.task_queue = {"''" if kept is COMPONENTS else "s.task_queue"}
            AND v.deployment_name = s.deployment_name AND v.build_id = s.build_id AND v.version = s.version
            AND v.is_top_level = s.is_top_level
        {joins}
    """  # noqa: S608 - own words only


_MOST_SINGLE = 64
"""Durations that may stand one by one before they are added up."""
_COUNTED = """
    coalesce(array_agg(code ORDER BY code), '{}') AS bins, coalesce(array_agg(n ORDER BY code), '{}') AS bin_counts,
    min(n) > 0 AND sum(n) <= 4 * count(*) AS is_few
"""
"""A histogram of rows (code, n), and whether it takes less room with each duration by itself: two bytes for each, where
a count takes eight.
"""
_PACKED = """
    CASE WHEN is_few THEN ARRAY(SELECT code FROM unnest(bins, bin_counts) u(code, n), generate_series(1, n))
        ELSE bins END AS bins,
    CASE WHEN NOT is_few AND bins <> '{}' THEN bin_counts END AS bin_counts
"""


def _lines(kept: Kept, added: str) -> str:
    """Rows of one roll-up as one.

    Only where it is of several, or has many durations, the histogram is taken apart and put together anew, by the
    line's number: most of the work is with their codes.
    """
    key = key_of(kept)
    by = ", ".join(key)
    sums = ", ".join(f"{_kept_sum(kept, name, f'sum({name})')} AS {name}" for name in kept.sums)
    extremes = ", ".join(
        f"{aggregate}({name}) FILTER (WHERE NOT is_correction) AS {name}"
        for name, (aggregate, _) in kept.extremes.items()
    )
    figures = ", ".join(f"f.{name}" for name in (*key, *kept.sums, *kept.extremes))
    return f"""
        WITH lined AS MATERIALIZED (
            SELECT *, dense_rank() OVER (ORDER BY {by}) AS line,
                count(*) OVER (PARTITION BY {by}) > 1
                    OR cardinality(bins) > coalesce(cardinality(bin_counts), 0) + {_MOST_SINGLE} AS is_merged
            FROM ({added}) added
        ), figures AS (
            SELECT line, {by}, {sums}, {extremes}, max(bins) FILTER (WHERE NOT is_merged) AS bins,
                max(bin_counts) FILTER (WHERE NOT is_merged) AS bin_counts
            FROM lined GROUP BY line, {by}
        ), coded AS (
            SELECT line, code, sum(coalesce(n, 1)::double precision)::bigint AS n
            FROM lined, unnest(bins, bin_counts) u(code, n) WHERE is_merged
            GROUP BY line, code HAVING sum(coalesce(n, 1)::double precision) <> 0
        ), histograms AS (
            SELECT line, {_PACKED} FROM (SELECT line, {_COUNTED} FROM coded GROUP BY line) counted
        )
        SELECT {figures}, coalesce(h.bins, f.bins, '{{}}') AS bins,
            nullif(coalesce(h.bin_counts, f.bin_counts), '{{}}') AS bin_counts
        FROM figures f FULL JOIN histograms h ON h.line = f.line
    """  # noqa: S608 - own words only


def _kept_sum(kept: Kept, name: str, sql: str) -> str:
    """Nothing is kept of 0, which is most of what there is: there is less to store, and to read."""
    return sql if name == kept.counted else f"nullif({sql}, 0)"


def _added(kept: Kept) -> str:
    """What a roll-up (`t`) becomes by what is added to it (`excluded`)."""
    sums = [
        f"{name} = {_kept_sum(kept, name, f'coalesce(t.{name}, 0) + coalesce(excluded.{name}, 0)')}"
        for name in kept.sums
    ]
    extremes = [
        f"{name} = {'least' if aggregate == 'min' else 'greatest'}(t.{name}, excluded.{name})"
        for name, (aggregate, _) in kept.extremes.items()
    ]
    histogram = f"""(bins, bin_counts) = (
        SELECT {_PACKED} FROM (
            SELECT {_COUNTED} FROM (
                SELECT code, sum(coalesce(n, 1))::bigint AS n FROM (
                    SELECT * FROM unnest(t.bins, t.bin_counts) known(code, n)
                    UNION ALL SELECT * FROM unnest(excluded.bins, excluded.bin_counts) more(code, n)
                ) both_of_them GROUP BY code HAVING sum(coalesce(n, 1)) <> 0
            ) merged
        ) counted
    )"""  # noqa: S608 - own words only
    return ", ".join((*sums, *extremes, histogram))


def _number_of_component() -> tuple[str, str]:
    """SQL of a row's number, and the joins it needs: told apart by task queue, without it, or not at all."""
    same = (
        "{0}.project_id = s.project_id AND {0}.series = s.series AND {0}.kind = s.kind AND {0}.name = s.name "
        "AND {0}.node_id = s.node_id AND {0}.task_queue = {1}"
    )
    joins = (
        f"LEFT JOIN rollup_components k ON {same.format('k', 's.task_queue')} "
        f"LEFT JOIN rollup_components q ON {same.format('q', repr(''))}"
    )
    return "coalesce(k.id, q.id, -1) AS component,", joins


_VARIANT = ("project_id", "series", "task_queue", "deployment_name", "build_id", "version", "is_top_level")
_COMPONENT = ("project_id", "series", "kind", "name", "node_id", "task_queue")
_TYPES = {"project_id": "uuid", "series": "uuid", "version": "integer", "is_top_level": "boolean"}
Words = Sequence[Mapping[str, Any]]


async def _words(writer: Writer, kept: Kept, source: str, arguments: Sequence[Any]) -> Words:
    """What the rows of the source are told apart by."""
    columns = ", ".join(dict.fromkeys((*_VARIANT, *(_COMPONENT if kept is COMPONENTS else ()))))
    rows = await writer.fetch(f"SELECT DISTINCT {columns} FROM ({source}) s", *arguments)  # noqa: S608 - own words
    return [dict(row) for row in rows]


async def _name(writer: Writer, kept: Kept, words: Words) -> None:
    """Give numbers to words that come for the first time, as long as there are some left."""
    if kept is RUNS:
        await _number(writer, "rollup_variants", _VARIANT, words, MOST_VARIANTS)
        return
    without_queue: Words = [{**row, "task_queue": ""} for row in words]
    await _number(writer, "rollup_variants", _VARIANT, without_queue, MOST_VARIANTS)
    unnamed = await _number(writer, "rollup_components", _COMPONENT, words, MOST_COMPONENTS)
    await _number(
        writer, "rollup_components", _COMPONENT, [{**row, "task_queue": ""} for row in unnamed], 2 * MOST_COMPONENTS
    )


async def _number(writer: Writer, table: str, columns: Sequence[str], words: Words, most: int) -> Words:
    """Return those that got no number."""
    rows = sorted({tuple(row[name] for name in columns) for row in words}, key=repr)
    if not rows:
        return []
    names = ", ".join(columns)
    asked = ", ".join(f"${i}::{_TYPES.get(name, 'text')}[]" for i, name in enumerate(columns, 1))
    same = " AND ".join(f"k.{name} = n.{name}" for name in columns)
    unnamed = f"SELECT {names} FROM unnest({asked}) n({names}) WHERE NOT EXISTS (SELECT FROM {table} k WHERE {same})"  # noqa: S608
    left = await writer.fetch(
        f"""
        WITH numbered AS (
            SELECT n.*, coalesce((SELECT max(k.id) FROM {table} k
                                  WHERE k.project_id = n.project_id AND k.series = n.series), 0)
                + row_number() OVER (PARTITION BY n.project_id, n.series) AS number
            FROM ({unnamed}) n
        ), named AS (
            INSERT INTO {table} (id, {names}) SELECT number, {names} FROM numbered WHERE number <= {most}
        )
        SELECT {names} FROM numbered WHERE number > {most}
        """,  # noqa: S608 - own words only
        *(list(column) for column in zip(*rows, strict=True)),
    )
    return [dict(row) for row in left]


def unnoted_query(kept: Kept, *, is_project: bool) -> str:
    """What the rows of a series ($2) of a project ($1) in $3 ≤ t < $4 add up to without what is not folded yet."""
    whose = "e.project_id = $1" if is_project else "e.project_id = $1 AND e.workflow_id = $2"
    counted = counted_query(
        kept,
        f"{whose} AND e.started_at >= $3 AND e.started_at < $4 AND $2::uuid IS NOT NULL",
        series=OF_PROJECT if is_project else OF_WORKFLOW,
    )
    columns = ", ".join(("project_id", "series", "bucket", *kept.names))
    figures = ", ".join(f"-{name}" for name in kept.sums)
    extremes = ", ".join(kept.extremes)
    return f"""
        SELECT counted.*, false AS is_correction FROM ({counted}) counted
        UNION ALL
        SELECT {columns}, {figures}, {extremes}, bins,
            ARRAY(SELECT -coalesce(n, 1) FROM unnest(bins, bin_counts) WITH ORDINALITY u(code, n, i) ORDER BY i), true
        FROM {kept.changes} WHERE project_id = $1 AND series = $2 AND bucket >= $3 AND bucket < $4
    """  # noqa: S608 - own words only
