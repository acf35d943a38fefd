"""The statement that adds up lines: from roll-ups, from notes and from rows, in one moment of the database."""

from watchglass.statistics.columns import COMPONENTS, RUNS, type_of
from watchglass.statistics.contribution import SPLIT_BY_WORKFLOW_ALONE, WITH_COMPONENTS
from watchglass.statistics.definitions import IS_ERROR
from watchglass.statistics.histogram import BINS
from watchglass.statistics.question import Question

_SERIES = "unnest($2::uuid[], $3::integer[]) AS s(series, pattern)"
_BUCKETS = (
    "unnest($4::integer[], $5::integer[], $6::timestamptz[], $7::timestamptz[], $8::smallint[]) "
    "AS p(pattern, i, first, last, grain)"
)
_WINDOWS = "unnest($9::integer[], $10::integer[], $11::timestamptz[], $12::timestamptz[]) AS w(pattern, i, first, last)"
_FIRST_ONLY = 13


def lines_query(question: Question, *, has_buckets: bool, has_rows: bool) -> str:
    # A source that has no part says nothing, and gives all parameters their types.
    sources = (*_from_buckets(question), _from_rows(question))
    needed = [
        f"SELECT * FROM ({sql}) s WHERE {has}"  # noqa: S608 - own words only
        for sql, has in zip(sources, (has_buckets, has_buckets, has_rows), strict=True)
    ]
    by = ", ".join(("i", *question.by))
    only = " AND ".join(f"{name} = ${_FIRST_ONLY + n}" for n, name in enumerate(question.only)) or "true"
    sums = [f"coalesce(sum({name}), 0)::{type_of(name)} AS {name}" for name in question.sums]
    extremes = [
        f"{aggregate}({name}) FILTER (WHERE NOT is_correction) AS {name}"
        for name, aggregate in question.extremes.items()
    ]
    settled = " AND ".join(_is_settled(name, aggregate) for name, aggregate in question.extremes.items()) or "true"
    figures = ", ".join(("line", by, *sums, *extremes, f"{settled} AS is_settled"))
    histograms, histogram, join = "", "NULL::smallint[] AS bins, NULL::bigint[] AS bin_counts", ""
    if question.measured:
        # Codes are added up by the line's number: there are many of them, and its words are long.
        histograms = f"""
            , coded AS (
                SELECT line, code, sum(coalesce(n, 1)::double precision)::bigint AS n
                FROM (SELECT line, unnest(bins) AS code, unnest(bin_counts) AS n FROM parts) u
                WHERE {_codes(question)} GROUP BY 1, 2
            ), histograms AS (
                SELECT line, array_agg(code) AS bins, array_agg(n) AS bin_counts FROM coded WHERE n <> 0 GROUP BY 1
            )
        """  # noqa: S608 - own words only
        histogram, join = "h.bins, h.bin_counts", "LEFT JOIN histograms h ON h.line = f.line"
    return f"""
        WITH parts AS MATERIALIZED (
            SELECT *, dense_rank() OVER (ORDER BY {by}) AS line
            FROM ({" UNION ALL ".join(needed)}) source WHERE {only}
        ), figures AS (
            SELECT {figures} FROM parts GROUP BY line, {by}
            HAVING sum({question.counted}) > 0
        ) {histograms}
        SELECT {", ".join(f"f.{name}" for name in ("i", *question.by, *question.sums, *question.extremes))},
            {histogram}, f.is_settled
        FROM figures f {join} ORDER BY f.i
    """  # noqa: S608 - own words only


def _codes(question: Question) -> str:
    numbers = [n for n, measure in enumerate(question.kept.measures) if measure.name in question.measured]
    if len(numbers) == len(question.kept.measures):
        return "true"
    return " OR ".join(f"code >= {number * BINS} AND code < {(number + 1) * BINS}" for number in numbers)


def _is_settled(name: str, aggregate: str) -> str:
    """Whether what was taken away lies within what is left: then the extreme is still somebody's."""
    lost, left = (f"{aggregate}({name}) FILTER (WHERE {which})" for which in ("is_correction", "NOT is_correction"))
    return f"coalesce({lost} {'>' if aggregate == 'min' else '<'} {left}, {lost} IS NULL)"


def _needed(question: Question) -> tuple[str, ...]:
    """The dimensions that are asked for."""
    return tuple(name for name in question.kept.names if name in (*question.by, *question.only))


# OFFSET 0, here and below: each stretch of time is looked up in an index by itself. Joined, PostgreSQL would read all
# that there is of the series. The order names the index that has it.
def _from_buckets(question: Question) -> tuple[str, str]:
    kept, needed = question.kept, _needed(question)
    figures = ", ".join(f"r.{name}" for name in (*question.sums, *question.extremes))
    parts = f"{_SERIES} JOIN {_BUCKETS} ON p.pattern = s.pattern"
    of_series = "r.project_id = $1 AND r.series = s.series AND r.bucket >= p.first AND r.bucket < p.last"
    # Null words: of all those that are not told apart.
    words = {name: f"v.{name}" for name in kept.names} | {
        "is_top_level": "coalesce(v.is_top_level, r.variant = -1)",
    }
    joins = "LEFT JOIN rollup_variants v ON v.project_id = r.project_id AND v.series = r.series AND v.id = r.variant"
    if kept is COMPONENTS:
        of_component = {name: f"k.{name}" for name in ("kind", "name", "node_id", "task_queue")}
        words |= of_component
        joins = joins if {*needed} - of_component.keys() else ""
        joins += (
            " LEFT JOIN rollup_components k ON k.project_id = r.project_id AND k.series = r.series "
            "AND k.id = r.component"
        )
    elif not needed:
        joins = ""
    dimensions = "".join(f"{words[name]} AS {name}, " for name in needed)
    noted = "".join(f"r.{name}, " for name in needed)
    histogram = "r.bins, r.bin_counts, " if question.measured else ""
    return (
        f"""
        SELECT p.i, r.series, {dimensions} {figures}, {histogram}false AS is_correction
        FROM {parts} CROSS JOIN LATERAL (
            SELECT * FROM {kept.table} r WHERE {of_series} AND r.grain = p.grain OFFSET 0
        ) r {joins}
        """,  # noqa: S608 - own words only
        f"""
        SELECT p.i, r.series, {noted} {figures}, {histogram}r.is_correction
        FROM {parts} CROSS JOIN LATERAL (SELECT * FROM {kept.changes} r WHERE {of_series} OFFSET 0) r
        """,  # noqa: S608
    )


def _from_rows(question: Question) -> str:
    are_counted = question.kept is RUNS and set(question.sums) == _COUNTED and not question.extremes
    if are_counted and set(_needed(question)) <= {"is_top_level"}:
        return _counted_in_indexes(question)
    kept, is_project = question.kept, question.workflow_ids is None
    forms = forms_of(question)
    dimensions = [f"{forms[name]} AS {name}" for name in _needed(question)]
    sums = [f"{kept.sums[name]} AS {name}" for name in question.sums]
    extremes = [f"{kept.extremes[name][1]} AS {name}" for name in question.extremes]
    keys = ", ".join(map(str, range(1, 3 + len(dimensions))))
    of_series = "true" if is_project else "e.workflow_id = s.series"
    histogram = f"{kept.bins(question.measured)} AS bins, '{{}}'::bigint[] AS bin_counts, " if question.measured else ""
    return f"""
        SELECT {", ".join(("w.i", f"{forms['series']} AS series", *dimensions, *sums, *extremes))},
            {histogram}false AS is_correction
        FROM {_SERIES} JOIN {_WINDOWS} ON w.pattern = s.pattern CROSS JOIN LATERAL (
            SELECT * FROM workflow_executions e
            WHERE e.project_id = $1 AND {of_series} AND e.started_at >= w.first AND e.started_at < w.last
            ORDER BY e.started_at DESC OFFSET 0
        ) e {WITH_COMPONENTS if kept is COMPONENTS else ""} GROUP BY {keys}
    """  # noqa: S608 - own words only


_COUNTED = {"total_runs", "error_runs"}


def _counted_in_indexes(question: Question) -> str:
    """Runs and errors, each from an index that has them: sparklines would look at every run of many workflows."""
    needed = "".join(f"{name}, " for name in _needed(question))
    of_level = "CROSS JOIN (VALUES (true), (false)) l(is_top_level)" if needed else ""
    tests = ["e.project_id = $1", "e.started_at >= w.first", "e.started_at < w.last"]
    tests += [] if question.workflow_ids is None else ["e.workflow_id = s.series"]
    tests += ["(e.parent_run_id IS NULL) = l.is_top_level"] if needed else []
    counted = [
        f"""
        SELECT w.i, s.series, {needed}{figures}, false
        FROM {_SERIES} JOIN {_WINDOWS} ON w.pattern = s.pattern {of_level} CROSS JOIN LATERAL (
            SELECT count(*) AS runs FROM workflow_executions e WHERE {" AND ".join((*tests, *which))}
        ) n WHERE n.runs > 0
        """  # noqa: S608 - own words only
        for figures, which in (("n.runs, 0", ()), ("0, n.runs", (IS_ERROR,)))
    ]
    every = f"({' UNION ALL '.join(counted)}) n(i, series, {needed}total_runs, error_runs, is_correction)"
    return f"SELECT i, series, {needed}{', '.join(question.sums)}, is_correction FROM {every}"  # noqa: S608


def forms_of(question: Question) -> dict[str, str]:
    """SQL of each dimension over rows."""
    is_project = question.workflow_ids is None
    dropped = {name: repr(value) for name, value in SPLIT_BY_WORKFLOW_ALONE.items()} if is_project else {}
    forms = {name: dropped.get(name, sql) for name, _, sql in question.kept.dimensions}
    return {**forms, "series": "e.project_id" if is_project else "e.workflow_id"}
