"""Put what rows of executions, or notes of changes, add up to into the roll-ups."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from watchglass.statistics.columns import COMPONENTS, RUNS, Kept
from watchglass.statistics.contribution import OF_PROJECT, OF_WORKFLOW, counted_query
from watchglass.statistics.grains import COARSEST_FIRST, Grain, grains_sql, is_kept_sql
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
    grains = tuple(only)
    is_kept = "true" if every else is_kept_sql(kept.always, "s")
    await _name(writer, kept, _kept_rows(source, grains, is_kept), arguments)
    await writer.execute(
        f"WITH source AS MATERIALIZED ({source}), scoped AS MATERIALIZED ({_scoped(kept, grains, is_kept)}) "
        f"{add_scoped(kept)}",
        *arguments,
    )


def _kept_rows(source: str, grains: Collection[Grain], is_kept: str) -> str:
    """Those rows of the source that are kept in one of the grains at least."""
    any_grain = f"SELECT FROM (VALUES {grains_sql(grains, 's.bucket')}) g(grain, bucket, parent) WHERE {is_kept}"
    return f"SELECT s.* FROM ({source}) s WHERE EXISTS ({any_grain})"  # noqa: S608 - own words only


def _scoped(kept: Kept, grains: Collection[Grain], is_kept: str) -> str:
    """Each row of `source` once for each bucket that it is to be added to, with numbers for its words."""
    component, joins = _number_of_component() if kept is COMPONENTS else ("", "")
    return f"""
        SELECT s.project_id, s.series, g.grain, g.bucket, {component}
            coalesce(v.id, CASE WHEN s.is_top_level THEN -1 ELSE -2 END) AS variant,
            {", ".join(f"s.{name}" for name in (*kept.sums, *kept.extremes))}, s.bins, s.bin_counts, s.is_correction
        FROM source s
        CROSS JOIN LATERAL (VALUES {grains_sql(grains, "s.bucket")}) g(grain, bucket, parent)
        LEFT JOIN rollup_variants v ON v.project_id = s.project_id AND v.series = s.series
            AND v.task_queue = {"''" if kept is COMPONENTS else "s.task_queue"}
            AND v.deployment_name = s.deployment_name AND v.build_id = s.build_id AND v.version = s.version
            AND v.is_top_level = s.is_top_level
        {joins}
        WHERE {is_kept}
    """  # noqa: S608 - own words only


def key_of(kept: Kept) -> tuple[str, ...]:
    """The columns of a roll-up's primary key."""
    return "project_id", "series", "grain", "bucket", *(("component",) if kept is COMPONENTS else ()), "variant"


def add_scoped(kept: Kept) -> str:
    """SQL that adds the rows of `scoped` to the roll-ups: the columns of a roll-up, and `is_correction`.

    Rows of one roll-up are a line. Only where a line is of several rows, their histograms are taken apart and put
    together anew, by its number: most of the work is with their codes.
    """
    key = key_of(kept)
    by = ", ".join(key)
    names = ", ".join((*key, *kept.sums, *kept.extremes, "bins", "bin_counts"))
    sums = ", ".join(f"sum({name}) AS {name}" for name in kept.sums)
    extremes = ", ".join(
        f"{aggregate}({name}) FILTER (WHERE NOT is_correction) AS {name}"
        for name, (aggregate, _) in kept.extremes.items()
    )
    figures = ", ".join(f"f.{name}" for name in (*key, *kept.sums, *kept.extremes))
    return f"""
        , lined AS MATERIALIZED (
            SELECT *, dense_rank() OVER (ORDER BY {by}) AS line, count(*) OVER (PARTITION BY {by}) AS together
            FROM scoped
        ), figures AS (
            SELECT line, {by}, {sums}, {extremes}, max(bins) FILTER (WHERE together = 1) AS bins,
                max(bin_counts) FILTER (WHERE together = 1) AS bin_counts
            FROM lined GROUP BY line, {by}
        ), coded AS (
            SELECT line, code, sum(n::double precision)::bigint AS n
            FROM lined, unnest(bins, bin_counts) u(code, n) WHERE together > 1
            GROUP BY line, code HAVING sum(n::double precision) <> 0
        ), histograms AS (
            SELECT line, array_agg(code ORDER BY code) AS bins, array_agg(n ORDER BY code) AS bin_counts
            FROM coded GROUP BY line
        )
        INSERT INTO {kept.table} AS t ({names})
        SELECT {figures}, coalesce(h.bins, f.bins, '{{}}'), coalesce(h.bin_counts, f.bin_counts, '{{}}')
        FROM figures f FULL JOIN histograms h ON h.line = f.line
        ON CONFLICT ({by}) DO UPDATE SET {_added(kept)}
    """  # noqa: S608 - own words only


def _added(kept: Kept) -> str:
    """What a roll-up (`t`) becomes by what is added to it (`excluded`)."""
    sums = [f"{name} = t.{name} + excluded.{name}" for name in kept.sums]
    extremes = [
        f"{name} = {'least' if aggregate == 'min' else 'greatest'}(t.{name}, excluded.{name})"
        for name, (aggregate, _) in kept.extremes.items()
    ]
    histogram = """(bins, bin_counts) = (
        SELECT coalesce(array_agg(code ORDER BY code), '{}'), coalesce(array_agg(n ORDER BY code), '{}')
        FROM (
            SELECT code, sum(n)::bigint AS n FROM (
                SELECT * FROM unnest(t.bins, t.bin_counts) known(code, n)
                UNION ALL SELECT * FROM unnest(excluded.bins, excluded.bin_counts) more(code, n)
            ) both_of_them GROUP BY code HAVING sum(n) <> 0
        ) merged
    )"""
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


async def _name(writer: Writer, kept: Kept, source: str, arguments: Sequence[Any]) -> None:
    """Give numbers to words that come for the first time, as long as there are some left."""
    variants = "project_id, series, task_queue, deployment_name, build_id, version, is_top_level"
    own = variants if kept is RUNS else variants.replace("task_queue", "'' AS task_queue")
    await _number(writer, "rollup_variants", variants, f"SELECT {own} FROM ({source}) s", arguments, MOST_VARIANTS)  # noqa: S608
    if kept is RUNS:
        return
    words = "project_id, series, kind, name, node_id, task_queue"
    query = f"SELECT {words} FROM ({source}) s"  # noqa: S608 - own words
    await _number(writer, "rollup_components", words, query, arguments, MOST_COMPONENTS)
    known = words.replace("project_id", "k.project_id").replace(", ", ", k.")
    unnamed = f"SELECT {words} FROM ({query} EXCEPT SELECT {known} FROM rollup_components k) u"  # noqa: S608
    without = f"SELECT project_id, series, kind, name, node_id, '' AS task_queue FROM ({unnamed}) w"  # noqa: S608
    await _number(writer, "rollup_components", words, without, arguments, 2 * MOST_COMPONENTS)


async def _number(writer: Writer, table: str, words: str, query: str, arguments: Sequence[Any], most: int) -> None:
    await writer.execute(
        f"""
        INSERT INTO {table} (id, {words})
        SELECT number, {words} FROM (
            SELECT n.*, coalesce((SELECT max(k.id) FROM {table} k
                                  WHERE k.project_id = n.project_id AND k.series = n.series), 0)
                + row_number() OVER (PARTITION BY n.project_id, n.series) AS number
            FROM ({query} EXCEPT SELECT {words} FROM {table}
                  WHERE (project_id, series) IN (SELECT project_id, series FROM ({query}) asked)) n
        ) numbered WHERE number <= {most}
        """,  # noqa: S608 - own words only
        *arguments,
    )


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
            ARRAY(SELECT -n FROM unnest(bin_counts) WITH ORDINALITY AS u(n, i) ORDER BY i), true
        FROM {kept.changes} WHERE project_id = $1 AND series = $2 AND bucket >= $3 AND bucket < $4
    """  # noqa: S608 - own words only
