"""Figures of windows of time, exact: from roll-ups, from what is not folded into them yet, and from rows at the edges.

    from ─┤rows├─┤minutes├─┤hours├─┤days├──┤ months ├──┤days├─┤hours├─┤minutes├─┤rows├─ to

All of it is one statement, which sees the database of one moment: a change is in the notes or in the roll-up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from watchglass.statistics import rollups
from watchglass.statistics.columns import COMPONENTS
from watchglass.statistics.contribution import WITH_COMPONENTS
from watchglass.statistics.grains import Grain, Piece, asked_splits, bucket_of, joined, pieces
from watchglass.statistics.histogram import RELATIVE_ERROR
from watchglass.statistics.line import Line
from watchglass.statistics.lines_query import forms_of, lines_query
from watchglass.statistics.question import Question
from watchglass.statistics.told_apart import workflows_told_apart
from watchglass.store.retention import read_rows_from
from watchglass.store.scope import Reader

FEW = 5_000
"""Runs or steps of which the durations themselves are read; percentiles of more are those of their histogram."""
MOST_SPLIT = 50_000
"""Runs or steps of which the rows are read to tell versions apart that roll-ups do not."""
_VERSION = frozenset({"deployment_name", "build_id", "version"})


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
    if not await _tell_apart(reader, question, known):
        return await _count_kept(reader, question, of_series, patterns)
    parts = [
        _Part(pattern, window, piece)
        for splits, pattern in patterns.items()
        for window, ends in enumerate(question.windows)
        for piece in joined(list(pieces(*ends, splits, question.kept.always)))
    ]
    lines, is_settled = await _read(reader, question, of_series, parts)
    # An extreme that was taken away is looked for when it is folded, within seconds. Until then only rows know.
    return lines if is_settled else await _count_kept(reader, question, of_series, patterns)


async def _tell_apart(reader: Reader, question: Question, known: "_Known") -> bool:
    """Whether roll-ups do what is asked: the versions that came after the first `MOST_VARIANTS` are one line in them.

    The rest as one line will do where all versions are asked for and rows are too many. One version is that one.
    """
    if _VERSION.isdisjoint(question.only) and (known.at_most > MOST_SPLIT or _VERSION.isdisjoint(question.by)):
        return True
    of_series = "x.project_id = $1 AND x.series = ANY ($2::uuid[])"
    return not await reader.fetchval(
        f"""
        SELECT EXISTS (SELECT FROM rollup_variants x WHERE {of_series} AND x.id >= {rollups.MOST_VARIANTS})
            AND EXISTS (
                SELECT FROM {question.kept.table} x WHERE {of_series} AND x.grain = {int(Grain.MONTH)}
                AND x.bucket >= $3 AND x.bucket < $4 AND x.variant < 0
            )
        """,  # noqa: S608 - own words only
        question.project_id,
        question.series,
        bucket_of(Grain.MONTH, min(start for start, _ in question.windows)),
        max(end for _, end in question.windows),
    )


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
        SELECT x.series, x.grain, x.bucket,
            coalesce((
                SELECT sum(r.{counted}) FROM {kept.table} r WHERE r.project_id = $1 AND r.series = $5
                AND r.grain = {int(Grain.MONTH)} AND r.bucket >= $6 AND r.bucket < $7
            ), 0) + coalesce((
                SELECT sum(r.{counted}) FROM {kept.changes} r WHERE r.project_id = $1 AND r.series = $5
                AND r.bucket >= $6 AND r.bucket < $7
            ), 0) AS at_most,
            EXISTS (
                SELECT FROM project_retention t JOIN run_rollups r ON r.project_id = t.project_id AND r.series = $5
                    AND r.grain = {int(Grain.MONTH)} AND r.bucket >= $6 AND r.bucket < least($7, t.rows_from)
                WHERE t.project_id = $1 AND t.rows_from IS NOT NULL AND $8 < t.rows_from
            ) AS is_removed
        FROM rollup_projects p LEFT JOIN (
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
    forms = forms_of(question)
    by = ["w.i", *(forms[name] for name in question.by)]
    sums = [kept.sums[name] for name in question.sums]
    extremes = [kept.extremes[name][1] for name in question.extremes]
    measures = [measure for measure in kept.measures if measure.name in question.measured]
    durations = [f"array_agg({m.sql} ORDER BY {m.sql}) FILTER (WHERE {m.sql} IS NOT NULL)" for m in measures]
    ran = ["min(e.started_at)", "max(e.started_at)"]
    only = " AND ".join(f"{forms[name]} = ${5 + n}" for n, name in enumerate(question.only)) or "true"
    await _plan_each(reader)
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
    await _plan_each(reader)
    found = await reader.fetch(
        lines_query(question, has_buckets=bool(buckets), has_rows=bool(rows)),
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


async def _plan_each(reader: Reader) -> None:
    """Planned for any windows, PostgreSQL takes them for few, and sorts what it would rather hash."""
    await reader.fetchval("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")


def _columns(parts: Sequence[_Part]) -> tuple[list[Any], ...]:
    return (
        [part.pattern for part in parts],
        [part.window for part in parts],
        [part.piece.start for part in parts],
        [part.piece.end for part in parts],
    )
