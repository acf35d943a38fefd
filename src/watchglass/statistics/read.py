"""Figures of windows of time, exact: from roll-ups, from what is not folded into them yet, and from rows at the edges.

    from ─┤rows├─┤minutes├─┤hours├─┤days├──┤ months ├──┤days├─┤hours├─┤minutes├─┤rows├─ to

All of it is one statement, which sees the database of one moment: a change is in the notes or in the roll-up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from watchglass.statistics.columns import COMPONENTS, Kept, type_of
from watchglass.statistics.contribution import SPLIT_BY_WORKFLOW_ALONE, WITH_COMPONENTS
from watchglass.statistics.grains import Grain, Piece, asked_splits, bucket_of, joined, pieces
from watchglass.statistics.histogram import BINS, RELATIVE_ERROR
from watchglass.statistics.told_apart import workflows_told_apart
from watchglass.statistics.window import Window
from watchglass.store.retention import read_rows_from
from watchglass.store.scope import Reader

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
END = datetime(9999, 12, 1, tzinfo=UTC)
"""Open ends. Both begin a month, so that nothing at them is counted from rows."""
FEW = 5_000
"""Runs or steps of which the durations themselves are read; percentiles of more are those of their histogram."""


@dataclass(frozen=True, slots=True)
class Line:
    """What adds up to one line of figures."""

    window: int
    """Which of the windows that were asked for."""
    dimensions: tuple[Any, ...]
    sums: Mapping[str, int | Decimal]
    extremes: Mapping[str, float | None]
    histogram: Sequence[tuple[int, int]] = ()
    """(code, count) of what was asked for (`Question.measured`), in no order."""
    durations: Mapping[str, Sequence[float]] | None = None
    """In its place where there are few: those themselves, by measure, the shortest first."""
    ran: tuple[datetime, datetime] | None = None
    """When its first and its last execution started, where there are few."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which figures, of what and when."""

    kept: Kept
    project_id: UUID
    workflow_ids: Sequence[UUID] | None
    """None: all of the project's workflows together, which are not told apart by version or node."""
    windows: Sequence[tuple[datetime, datetime]]
    """start ≤ t < end, by the start of the execution."""
    by: tuple[str, ...] = ()
    """Dimensions of `kept`, or `series` for the workflow; what does not differ in them is one line."""
    only: Mapping[str, Any] = field(default_factory=dict)
    """Values of dimensions, of which no other counts."""
    measured: tuple[str, ...] = ()
    """Measures of `kept` whose durations are wanted as a histogram, or themselves."""
    figures: tuple[str, ...] | None = None
    """Sums and extremes; None: all of `kept`."""

    @property
    def counted(self) -> str:
        """The sum that says how many there are."""
        return next(iter(self.kept.sums))

    @property
    def sums(self) -> tuple[str, ...]:
        """With how many there are, whatever is asked for."""
        return tuple(name for name in self.kept.sums if self.figures is None or name in (self.counted, *self.figures))

    @property
    def extremes(self) -> Mapping[str, str]:
        """The aggregate by column."""
        every = self.kept.extremes.items()
        return {name: kind for name, (kind, _) in every if self.figures is None or name in self.figures}

    @property
    def series(self) -> Sequence[UUID]:
        return [self.project_id] if self.workflow_ids is None else self.workflow_ids


def ask(
    kept: Kept,
    window: Window,
    *,
    by: tuple[str, ...] = (),
    windows: Sequence[tuple[datetime, datetime]] | None = None,
    workflow_ids: Sequence[UUID] | None = None,
    measured: tuple[str, ...] = (),
    figures: tuple[str, ...] | None = None,
) -> Question:
    """What is to be read of a window. `windows`: of parts of it; `workflow_ids`: told apart by workflow.

    `figures`: the sums and extremes that are wanted, where it is not all of them: fewer are read more quickly.
    """
    if window.workflow_id is not None:
        workflow_ids = [window.workflow_id]
    ends = windows if windows is not None else [(window.start or BEGINNING, window.end or END)]
    return Question(kept, window.project_id, workflow_ids, ends, by, window.only, measured, figures)


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a window, for those series that are put together in the same way (`pattern`)."""

    pattern: int
    window: int
    piece: Piece


async def read_lines(reader: Reader, question: Question) -> list[Line]:
    """No line where there is nothing to count."""
    question = await _told_apart(reader, question)
    known = await _known(reader, question)
    return await count_lines(reader, question) if known is None else await _put_together(reader, question, known)


async def read_exactly(reader: Reader, question: Question) -> tuple[list[Line], float]:
    """The same, with the durations themselves where there are few, whose rows are all there; and how far percentiles
    may be off.
    """
    question = await _told_apart(reader, question)
    known = await _known(reader, question)
    if known is None or known.at_most > FEW or known.is_removed:
        found = await count_lines(reader, question) if known is None else await _put_together(reader, question, known)
        if (known is not None and known.is_removed) or sum(line.sums[question.counted] for line in found) > FEW:
            return found, RELATIVE_ERROR
    return await _count_few(reader, question), 0


async def _told_apart(reader: Reader, question: Question) -> Question:
    if question.workflow_ids is not None:
        return question
    dimensions = (*question.by, *question.only)
    return replace(question, workflow_ids=await workflows_told_apart(reader, question.project_id, dimensions))


async def _put_together(reader: Reader, question: Question, known: "_Known") -> list[Line]:
    patterns: dict[frozenset[tuple[int, datetime]], int] = {}
    of_series = [
        patterns.setdefault(known.splits.get(series, frozenset()), len(patterns)) for series in question.series
    ]
    parts = [
        _Part(pattern, window, piece)
        for splits, pattern in patterns.items()
        for window, ends in enumerate(question.windows)
        for piece in joined(list(pieces(*ends, splits, question.kept.always)))
    ]
    lines, is_settled = await _read(reader, question, of_series, parts)
    # An extreme that was taken away is looked for when it is folded, within seconds. Until then only rows know.
    return lines if is_settled else await _count_kept(reader, question, of_series, patterns)


async def _count_kept(
    reader: Reader,
    question: Question,
    of_series: Sequence[int],
    patterns: Mapping[frozenset[tuple[int, datetime]], int],
) -> list[Line]:
    """From the rows as far as they are kept, and from roll-ups before."""
    rows_from = await read_rows_from(reader, question.project_id)
    if rows_from is None:
        return await count_lines(reader, question)
    parts: list[_Part] = []
    for splits, pattern in patterns.items():
        for window, (start, end) in enumerate(question.windows):
            border = min(max(start, rows_from), end)
            rolled_up = joined(list(pieces(start, border, splits, question.kept.always)))
            parts += [_Part(pattern, window, piece) for piece in (*rolled_up, Piece(None, border, end))]
    return (await _read(reader, question, of_series, parts))[0]


async def count_lines(reader: Reader, question: Question) -> list[Line]:
    """The same, from the rows alone."""
    parts = [_Part(0, i, Piece(None, *window)) for i, window in enumerate(question.windows)]
    return (await _read(reader, question, [0] * len(question.series), parts))[0]


@dataclass(frozen=True, slots=True)
class _Known:
    splits: Mapping[UUID, frozenset[tuple[int, datetime]]]
    """By series, which of the buckets at the edges are kept finer, and of components all years that are."""
    at_most: int
    """How many there are in the months that the windows touch, but for components of years in which little ran."""
    is_removed: bool
    """Rows of some of them were removed."""


async def _known(reader: Reader, question: Question) -> _Known | None:
    """None when the project's roll-ups were not made yet."""
    years = question.kept.always is Grain.YEAR
    asked = sorted({each for window in question.windows for each in asked_splits(*window)})
    kept, counted = question.kept, question.counted
    rows = await reader.fetch(
        f"""
        SELECT x.series, x.grain, x.bucket, coalesce(rolled_up.number, 0) + coalesce(noted.number, 0) AS at_most,
            EXISTS (
                SELECT FROM project_retention t JOIN run_rollups r ON r.project_id = t.project_id AND r.series = $5
                    AND r.grain = {int(Grain.MONTH)} AND r.bucket >= $6 AND r.bucket < least($7, t.rows_from)
                WHERE t.project_id = $1 AND t.rows_from IS NOT NULL AND $8 < t.rows_from
            ) AS is_removed
        FROM rollup_projects p
        CROSS JOIN LATERAL (
            SELECT sum(r.{counted}) AS number FROM {kept.table} r WHERE r.project_id = $1 AND r.series = $5
            AND r.grain = {int(Grain.MONTH)} AND r.bucket >= $6 AND r.bucket < $7
        ) rolled_up CROSS JOIN LATERAL (
            SELECT sum(r.{counted}) AS number FROM {kept.changes} r WHERE r.project_id = $1 AND r.series = $5
            AND r.bucket >= $6 AND r.bucket < $7
        ) noted LEFT JOIN (
            SELECT x.project_id, x.series, x.grain, x.bucket FROM unnest($2::uuid[]) AS s(series)
            CROSS JOIN unnest($3::smallint[], $4::timestamptz[]) AS a(grain, bucket)
            JOIN rollup_splits x ON x.project_id = $1 AND x.series = s.series AND x.grain = a.grain
                AND x.bucket = a.bucket
            UNION ALL
            SELECT x.project_id, x.series, x.grain, x.bucket FROM unnest($2::uuid[]) AS s(series)
            JOIN rollup_splits x ON x.project_id = $1 AND x.series = s.series AND x.grain = {int(Grain.YEAR)}
                AND {years}
        ) x ON x.project_id = p.project_id WHERE p.project_id = $1
        """,  # noqa: S608 - own words only
        question.project_id,
        question.series,
        [int(grain) for grain, _ in asked],
        [bucket for _, bucket in asked],
        question.series[0] if len(question.series) == 1 else question.project_id,
        bucket_of(Grain.MONTH, min(start for start, _ in question.windows)),
        max(end for _, end in question.windows),
        min(start for start, _ in question.windows),
    )
    if not rows:
        return None
    found: dict[UUID, set[tuple[int, datetime]]] = {}
    for row in rows:
        if row["series"] is not None:
            found.setdefault(row["series"], set()).add((row["grain"], row["bucket"]))
    splits = {series: frozenset(splits) for series, splits in found.items()}
    return _Known(splits, int(rows[0]["at_most"]), rows[0]["is_removed"])


async def _count_few(reader: Reader, question: Question) -> list[Line]:
    """From the rows, with the durations themselves."""
    kept = question.kept
    forms = _forms(question)
    by = ["w.i", *(forms[name] for name in question.by)]
    sums = [kept.sums[name] for name in question.sums]
    extremes = [kept.extremes[name][1] for name in question.extremes]
    measures = [measure for measure in kept.measures if measure.name in question.measured]
    durations = [f"array_agg({m.sql} ORDER BY {m.sql}) FILTER (WHERE {m.sql} IS NOT NULL)" for m in measures]
    ran = ["min(e.started_at)", "max(e.started_at)"]
    only = " AND ".join(f"{forms[name]} = ${5 + n}" for n, name in enumerate(question.only)) or "true"
    rows = await reader.fetch(
        f"""
        SELECT {", ".join((*by, *sums, *extremes, *durations, *ran))}
        FROM unnest($3::timestamptz[], $4::timestamptz[]) WITH ORDINALITY AS w(first, last, i)
        CROSS JOIN LATERAL (
            SELECT * FROM workflow_executions e WHERE e.project_id = $1 AND {_of_series(question)}
            AND e.started_at >= w.first AND e.started_at < w.last ORDER BY e.started_at DESC OFFSET 0
        ) e {WITH_COMPONENTS if kept is COMPONENTS else ""}
        WHERE {only} GROUP BY {", ".join(map(str, range(1, len(by) + 1)))} ORDER BY 1
        """,  # noqa: S608 - own words only
        question.project_id,
        question.series,
        [start for start, _ in question.windows],
        [end for _, end in question.windows],
        *question.only.values(),
    )
    return [_few(question, tuple(row)) for row in rows]


def _of_series(question: Question) -> str:
    # One workflow has an index of its own. Many are all that the project has, or most of it.
    if question.workflow_ids is None:
        return "$2::uuid[] IS NOT NULL"
    return f"e.workflow_id = {'($2::uuid[])[1]' if len(question.workflow_ids) == 1 else 'ANY ($2::uuid[])'}"


def _few(question: Question, values: tuple[Any, ...]) -> Line:
    width = 1 + len(question.by)
    sums = width + len(question.sums)
    extremes = sums + len(question.extremes)
    measured = [measure.name for measure in question.kept.measures if measure.name in question.measured]
    *durations, first, last = values[extremes:]
    return Line(
        values[0] - 1,
        values[1:width],
        dict(zip(question.sums, values[width:sums], strict=True)),
        dict(zip(question.extremes, values[sums:extremes], strict=True)),
        durations={name: some or () for name, some in zip(measured, durations, strict=True)},
        ran=(first, last),
    )


async def _read(
    reader: Reader, question: Question, patterns: Sequence[int], parts: Iterable[_Part]
) -> tuple[list[Line], bool]:
    """The lines, and whether their extremes are settled."""
    buckets: list[_Part] = []
    rows: list[_Part] = []
    for part in parts:
        (rows if part.piece.grain is None else buckets).append(part)
    found = await reader.fetch(
        _query(question, has_buckets=bool(buckets), has_rows=bool(rows)),
        question.project_id,
        question.series,
        patterns,
        *_columns(buckets),
        [part.piece.grain for part in buckets],
        *_columns(rows),
        *question.only.values(),
    )
    width = 1 + len(question.by)
    sums = width + len(question.sums)
    extremes = sums + len(question.extremes)
    lines = [
        Line(
            values[0],
            values[1:width],
            dict(zip(question.sums, values[width:sums], strict=True)),
            dict(zip(question.extremes, values[sums:extremes], strict=True)),
            tuple(zip(values[extremes] or (), values[extremes + 1] or (), strict=True)),
        )
        for values in map(tuple, found)
    ]
    return lines, all(row["is_settled"] for row in found)


def _columns(parts: Sequence[_Part]) -> tuple[list[Any], ...]:
    return (
        [part.pattern for part in parts],
        [part.window for part in parts],
        [part.piece.start for part in parts],
        [part.piece.end for part in parts],
    )


_SERIES = "unnest($2::uuid[], $3::integer[]) AS s(series, pattern)"
_BUCKETS = (
    "unnest($4::integer[], $5::integer[], $6::timestamptz[], $7::timestamptz[], $8::smallint[]) "
    "AS p(pattern, i, first, last, grain)"
)
_WINDOWS = "unnest($9::integer[], $10::integer[], $11::timestamptz[], $12::timestamptz[]) AS w(pattern, i, first, last)"
_FIRST_ONLY = 13


def _query(question: Question, *, has_buckets: bool, has_rows: bool) -> str:
    # A source that has no part says nothing, and gives all parameters their types.
    sources = (*_from_buckets(question), _from_rows(question))
    needed = [
        f"SELECT * FROM ({sql}) s WHERE {has}"  # noqa: S608 - own words only
        for sql, has in zip(sources, (has_buckets, has_buckets, has_rows), strict=True)
    ]
    by = ", ".join(("i", *question.by))
    only = " AND ".join(f"{name} = ${_FIRST_ONLY + n}" for n, name in enumerate(question.only)) or "true"
    sums = [f"sum({name})::{type_of(name)} AS {name}" for name in question.sums]
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
                SELECT line * {_CODES} + code AS place, sum(coalesce(n, 1)::double precision)::bigint AS n
                FROM (SELECT line, unnest(bins) AS code, unnest(bin_counts) AS n FROM parts) u
                WHERE {_codes(question)} GROUP BY 1
            ), histograms AS (
                SELECT place / {_CODES} AS line, array_agg((place % {_CODES})::smallint) AS bins,
                    array_agg(n) AS bin_counts
                FROM coded WHERE n <> 0 GROUP BY 1
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


_CODES = len(COMPONENTS.measures) * BINS
"""More than there are of any line."""


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
    return (
        f"""
        SELECT p.i, r.series, {dimensions} {figures}, r.bins, r.bin_counts, false AS is_correction
        FROM {parts} CROSS JOIN LATERAL (
            SELECT * FROM {kept.table} r WHERE {of_series} AND r.grain = p.grain OFFSET 0
        ) r {joins}
        """,  # noqa: S608 - own words only
        f"""
        SELECT p.i, r.series, {noted} {figures}, r.bins, r.bin_counts, r.is_correction
        FROM {parts} CROSS JOIN LATERAL (SELECT * FROM {kept.changes} r WHERE {of_series} OFFSET 0) r
        """,  # noqa: S608
    )


def _from_rows(question: Question) -> str:
    kept, is_project = question.kept, question.workflow_ids is None
    forms = _forms(question)
    dimensions = [f"{forms[name]} AS {name}" for name in _needed(question)]
    sums = [f"{kept.sums[name]} AS {name}" for name in question.sums]
    extremes = [f"{kept.extremes[name][1]} AS {name}" for name in question.extremes]
    codes = [
        f"array_agg({code}) FILTER (WHERE {measure.sql} IS NOT NULL)"
        for measure, code in zip(kept.measures, kept.codes, strict=True)
        if measure.name in question.measured
    ]
    keys = ", ".join(map(str, range(1, 3 + len(dimensions))))
    of_series = "true" if is_project else "e.workflow_id = s.series"
    # A code without a count is one.
    return f"""
        SELECT {", ".join(("w.i", f"{forms['series']} AS series", *dimensions, *sums, *extremes))},
            {" || ".join(codes) or "'{}'::smallint[]"} AS bins, '{{}}'::bigint[] AS bin_counts, false AS is_correction
        FROM {_SERIES} JOIN {_WINDOWS} ON w.pattern = s.pattern CROSS JOIN LATERAL (
            SELECT * FROM workflow_executions e
            WHERE e.project_id = $1 AND {of_series} AND e.started_at >= w.first AND e.started_at < w.last
            ORDER BY e.started_at DESC OFFSET 0
        ) e {WITH_COMPONENTS if kept is COMPONENTS else ""} GROUP BY {keys}
    """  # noqa: S608 - own words only


def _forms(question: Question) -> dict[str, str]:
    """SQL of each dimension over rows."""
    is_project = question.workflow_ids is None
    dropped = {name: repr(value) for name, value in SPLIT_BY_WORKFLOW_ALONE.items()} if is_project else {}
    forms = {name: dropped.get(name, sql) for name, _, sql in question.kept.dimensions}
    return {**forms, "series": "e.project_id" if is_project else "e.workflow_id"}
