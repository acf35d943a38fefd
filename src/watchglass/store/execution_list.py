"""Executions of a workflow or of a whole project, page by page in either direction, by start or by duration.

Pages are found by key, never by counting rows from the start. Sorted by duration, runs without one come last both
ways, so that list has two segments: runs with a duration, then runs without.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from watchglass.errors import InvalidInput
from watchglass.store.cursor import read_cursor, write_cursor
from watchglass.store.durations import HAS_DURATION
from watchglass.store.error_runs import IS_ERROR
from watchglass.store.moments import micros, moment_at
from watchglass.store.retention import read_rows_from
from watchglass.store.scope import Reader
from watchglass.store.step_filter import StepFilter
from watchglass.store.summaries import SUMMARY, SUMMARY_FROM, Row
from watchglass.store.totals import PROJECT_TOTALS, TOTALS

_COUNTED_AT_MOST = 5_000
"""Counting costs about 3 ms a thousand rows; beyond this the page says "more than"."""
_OWN_COLUMN = {
    "completed": "completed_runs",
    "failed": "failed_runs",
    "cancelled": "cancelled_runs",
    "terminated": "terminated_runs",
    "timed_out": "timed_out_runs",
    "continued_as_new": "continued_as_new_runs",
    "unknown": "unknown_runs",
}
"""Statuses that the kept totals count one by one."""
_OPEN = frozenset({"pending", "running", "paused"})
"""These share one figure."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    project_id: UUID
    workflow_id: UUID | None
    """None: the executions of all workflows of the project."""
    limit: int
    statuses: tuple[str, ...] = ()
    """Empty: every status."""
    by_duration: bool = False
    descending: bool = True
    top_level: bool = False
    build_id: str | None = None
    """Only runs of this version of the workers; empty: of none."""
    deployment: str | None = None
    """Only versions of this worker deployment; empty: of none."""
    version: int | None = None
    """Only runs of this version of a drawing."""
    start: datetime | None = None
    """Only runs that started then or later."""
    end: datetime | None = None
    """Only runs that started before then."""
    only_errors: bool = False
    """Only runs that count as errors."""
    error_group: str | None = None
    """Only runs that count as errors of this group; empty: of which no error is known."""
    min_duration_ms: float | None = None
    """Only runs that have ended and took this long or longer."""
    max_duration_ms: float | None = None
    """Only runs that have ended and took less."""
    task_queue: str | None = None
    """Only runs of this task queue."""
    step: StepFilter | None = None
    """Only runs with such a step."""
    are_few_steps: bool = False
    """There are few such steps in the project; see `planned`."""
    cursor: str | None = None

    @property
    def kind(self) -> str:
        """What a cursor must have been made for."""
        order = f"{'d' if self.by_duration else 's'}{'-' if self.descending else '+'}"
        kind = f"{order}{'t' if self.top_level else 'a'}{','.join(sorted(self.statuses))}"
        if not self.is_narrowed:
            return kind
        return f"{kind}:{sha256(repr(self._narrowed).encode()).hexdigest()[:12]}"

    @property
    def is_narrowed(self) -> bool:
        """By more than what the kept totals tell apart."""
        return any(value is not None for value in self._narrowed)

    @property
    def has_durations(self) -> bool:
        return self.min_duration_ms is not None or self.max_duration_ms is not None

    @property
    def _narrowed(self) -> tuple[object, ...]:
        moments = [None if moment is None else micros(moment) for moment in (self.start, self.end)]
        durations = (self.min_duration_ms, self.max_duration_ms)
        errors = (self.error_group, self.only_errors or None)
        others = (self.version, self.step, self.task_queue)
        return (self.build_id, self.deployment, *moments, *errors, *durations, *others)


@dataclass(frozen=True, slots=True)
class ListPage:
    rows: Sequence[Row]
    next_cursor: str | None
    prev_cursor: str | None
    position: int
    """Number of the first row, from 1; 0 when there are none."""


@dataclass(frozen=True, slots=True)
class Total:
    count: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """Just before or after the row with this key."""

    value: Any
    """Start time or duration; None in the segment without durations."""
    id: UUID
    position: int
    """Of the row itself."""
    forward: bool


async def planned(reader: Reader, query: ListQuery) -> ListQuery:
    """The same list, with what has to be known to find its runs quickly."""
    if query.step is None:
        return query
    return replace(query, are_few_steps=await query.step.are_few(reader, query.project_id))


async def read_list(reader: Reader, query: ListQuery, total: Total | None = None) -> ListPage:
    """One page. `total` is what was counted of the same query: few runs are looked up first and sorted then.

    Raises:
        InvalidInput: the cursor belongs to another list.
    """
    place = _read_place(query)
    forward = place is None or place.forward
    rows = await _rows(reader, query, place, forward=forward, are_few=total is not None and total.is_exact)
    has_more = len(rows) > query.limit
    rows = rows[: query.limit]
    if not forward:
        rows.reverse()
    if not rows:
        return ListPage([], None, None, 0)
    first = _first_position(place, len(rows), has_more)
    has_next = has_more if forward else True
    has_previous = place is not None if forward else has_more
    return ListPage(
        rows,
        _cursor(query, rows[-1], first + len(rows) - 1, forward=True) if has_next else None,
        _cursor(query, rows[0], first, forward=False) if has_previous else None,
        first,
    )


def _first_position(place: _Place | None, count: int, has_more: bool) -> int:
    if place is None:
        return 1
    if place.forward:
        return place.position + 1
    # New runs may have come in since: going back ends at 1, whatever was counted on the way.
    return max(place.position - count, 2) if has_more else 1


async def _rows(reader: Reader, query: ListQuery, place: _Place | None, *, forward: bool, are_few: bool) -> list[Row]:
    """Up to limit + 1 rows from the place on, away from it."""
    segments = [False, True] if query.by_duration and not query.has_durations else [False]
    if not forward:
        segments.reverse()
    if place is not None and query.by_duration and len(segments) > 1:
        segments = segments[segments.index(place.value is None) :]
    rows: list[Row] = []
    # A plan for any arguments takes every workflow for one of a few runs, and sorts all of those of a large one.
    await reader.fetchval("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
    for without_duration in segments:
        wanted = query.limit + 1 - len(rows)
        here = place if place is not None and (place.value is None) == without_duration else None
        if wanted > 0:
            sql, arguments = _select(
                query, here, forward=forward, without_duration=without_duration, wanted=wanted, are_few=are_few
            )
            rows.extend(await reader.fetch(sql, *arguments))
    return rows


def _select(
    query: ListQuery, place: _Place | None, *, forward: bool, without_duration: bool, wanted: int, are_few: bool
) -> tuple[str, list[Any]]:
    descending = query.descending == forward
    way, beyond = ("DESC", "<") if descending else ("ASC", ">")
    column = "e.duration_ms" if query.by_duration else "e.started_at"
    where, arguments = _filters(query)
    if query.by_duration:
        where.append(f"e.duration_ms IS {'' if without_duration else 'NOT '}NULL")
    if place is not None:
        keys = ["e.id"] if without_duration else [column, "e.id"]
        values = [place.id] if without_duration else [place.value, place.id]
        marks = ", ".join(f"${len(arguments) + 1 + i}" for i in range(len(values)))
        where.append(f"({', '.join(keys)}) {beyond} ({marks})")
        arguments += values
    # Nulls stand where the index has them (a workflow's `by_duration`; a project's `longest` has none); in a segment
    # they never mix with other values.
    if query.by_duration and query.workflow_id is None:
        order = f"{column} {way}, "
    elif query.by_duration:
        order = f"{column} {way} NULLS {'LAST' if descending else 'FIRST'}, "
    elif are_few and query.has_durations:
        # Nothing is in this order. Along the starts, all runs would be passed for a few of some duration.
        order = f"{column} + interval '0' {way}, "
    else:
        order = f"{column} {way}, "
    sql = (
        f"SELECT {SUMMARY} FROM {SUMMARY_FROM} WHERE {' AND '.join(where)} "  # noqa: S608 - own words only
        f"ORDER BY {order}e.id {way} LIMIT {wanted}"
    )
    return sql, arguments


def _filters(query: ListQuery, *, with_steps: bool = True) -> tuple[list[str], list[Any]]:
    where = ["e.project_id = $1"]
    arguments: list[Any] = [query.project_id]
    if query.workflow_id is not None:
        arguments.append(query.workflow_id)
        where.append("e.workflow_id = $2")
    if len(query.statuses) == 1:
        # An index of statuses has the runs of one in order, not those of several.
        arguments.append(query.statuses[0])
        where.append(f"e.status = ${len(arguments)}")
    elif query.statuses:
        arguments.append(list(query.statuses))
        where.append(f"e.status = ANY (${len(arguments)}::text[])")
    if query.top_level:
        where.append("e.parent_run_id IS NULL")
    for column, value in (("e.build_id", query.build_id), ("e.deployment_name", query.deployment)):
        if value:
            arguments.append(value)
            where.append(f"{column} = ${len(arguments)}")
        elif value is not None:
            where.append(f"{column} IS NULL")
    if query.only_errors or query.error_group is not None:
        where.append(IS_ERROR)
    if query.has_durations:
        where.append(HAS_DURATION)
    for test, bound in (
        ("e.started_at >=", query.start),
        ("e.started_at <", query.end),
        ("e.error_group =", query.error_group),
        ("e.duration_ms >=", query.min_duration_ms),
        ("e.duration_ms <", query.max_duration_ms),
        ("e.version =", query.version),
        ("e.task_queue =", query.task_queue),
    ):
        if bound is not None:
            arguments.append(bound)
            where.append(f"{test} ${len(arguments)}")
    if query.step is not None and with_steps:
        where.append(query.step.condition(arguments, are_few=query.are_few_steps))
    return where, arguments


def _read_place(query: ListQuery) -> _Place | None:
    if query.cursor is None:
        return None
    value, run, position, forward = read_cursor(
        query.kind, query.cursor, types=((int, float, type(None)), str, int, bool)
    )
    try:
        parsed = value if query.by_duration else moment_at(value or 0)
        return _Place(parsed, UUID(run), position, forward)
    except (ValueError, OverflowError, TypeError) as error:
        raise InvalidInput("The cursor does not belong to this list. Ask for the first page again.") from error


def _cursor(query: ListQuery, row: Row, position: int, *, forward: bool) -> str:
    value = row["duration_ms"] if query.by_duration else micros(row["started_at"])
    return write_cursor(query.kind, [value, str(row["id"]), position, forward])


async def count_list(reader: Reader, query: ListQuery) -> Total:
    """How many match: from the kept totals where they count just that, else counted up to a limit."""
    column = _kept_column(query)
    # The totals count the runs that were removed, too.
    if column is None or await read_rows_from(reader, query.project_id) is not None:
        return await _count(reader, query)
    if query.workflow_id is None:
        totals, of = PROJECT_TOTALS, [query.project_id]
    else:
        totals, of = TOTALS.format(project="$1", workflow="$2"), [query.project_id, query.workflow_id]
    count = await reader.fetchval(f"SELECT sum({column}) FROM ({totals}) totals", *of)  # noqa: S608 - own words
    return Total(int(count or 0), True)


def _kept_column(query: ListQuery) -> str | None:
    if query.is_narrowed:
        return None
    if not query.statuses:
        return "top_level_runs" if query.top_level else "total_runs"
    statuses = set(query.statuses)
    columns = ["running_runs"] if statuses >= _OPEN else []
    columns += [_OWN_COLUMN[status] for status in sorted(statuses & _OWN_COLUMN.keys())]
    is_kept = statuses <= _OWN_COLUMN.keys() | (_OPEN if statuses >= _OPEN else set())
    return " + ".join(columns) if is_kept and not query.top_level else None


async def _count(reader: Reader, query: ListQuery) -> Total:
    if query.step is not None and not query.are_few_steps:
        return await _count_with_steps(reader, query, query.step)
    where, arguments = _filters(query)
    count = await reader.fetchval(
        f"SELECT count(*) FROM (SELECT FROM workflow_executions e WHERE {' AND '.join(where)} "  # noqa: S608
        f"LIMIT {_COUNTED_AT_MOST + 1}) found",
        *arguments,
    )
    return Total(min(count, _COUNTED_AT_MOST), count <= _COUNTED_AT_MOST)


async def _count_with_steps(reader: Reader, query: ListQuery, step: StepFilter) -> Total:
    """Of as many runs as are counted at most: with a step in few of them, going on would look at them all."""
    where, arguments = _filters(query, with_steps=False)
    condition = step.condition(arguments, are_few=False)
    row = await reader.fetchrow(
        f"""
        SELECT count(*) AS seen, count(*) FILTER (WHERE matches) AS found FROM (
            SELECT {condition} AS matches FROM workflow_executions e WHERE {" AND ".join(where)}
            LIMIT {_COUNTED_AT_MOST + 1}
        ) runs
        """,  # noqa: S608 - own words only
        *arguments,
    )
    assert row is not None
    return Total(min(row["found"], _COUNTED_AT_MOST), row["seen"] <= _COUNTED_AT_MOST)


async def read_recent(reader: Reader, *, where: str, arguments: Sequence[Any], limit: int) -> list[Row]:
    """The executions that started last, among those that a condition on `e` picks."""
    return list(
        await reader.fetch(
            f"SELECT {SUMMARY} FROM {SUMMARY_FROM} WHERE {where} "  # noqa: S608 - own words only
            f"ORDER BY e.started_at DESC, e.id DESC LIMIT {limit}",
            *arguments,
        )
    )
