"""Where the rows of a window's runs were removed (`store/retention.py`): figures there are by whole days, in UTC.

── days of roll-ups ──┤rows_from├── anything, to the microsecond ──▶
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from watchglass.statistics.grains import Grain, bucket_of
from watchglass.statistics.slice import Slice
from watchglass.statistics.told_apart import workflows_told_apart
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

_DAY = timedelta(days=1)
Days = tuple[datetime, datetime]
"""The first and the last day on which runs started that are counted."""


async def removed_before(reader: Reader, window: Window) -> datetime | None:
    """From where on the window's rows are all there; None where none of them were removed."""
    rows_from: datetime | None = await reader.fetchval(
        f"""
        SELECT t.rows_from FROM project_retention t
        WHERE t.project_id = $1 AND ($3::timestamptz IS NULL OR $3 < t.rows_from) AND EXISTS (
            SELECT FROM run_rollups r
            WHERE r.project_id = $1 AND r.series = $2 AND r.grain = {int(Grain.MONTH)} AND r.bucket < t.rows_from
              AND r.bucket >= coalesce(date_trunc('month', $3, 'UTC'), '-infinity')
              AND r.bucket < coalesce($4::timestamptz, 'infinity'))
        """,  # noqa: S608 - own words only
        window.project_id,
        window.workflow_id or window.project_id,
        window.start,
        window.end,
    )
    return rows_from


@dataclass(frozen=True, slots=True)
class Answerable:
    """What can be told of a window that somebody asked for."""

    window: Slice
    """Where rows were removed, both ends are those of whole days."""
    rows_from: datetime | None
    """Runs that started before are counted by whole days; None: none of the window."""
    is_moved: bool
    """An end of the window is not where it was asked for."""


async def answerable(reader: Reader, window: Slice) -> Answerable:
    """The window, as far as its figures are known."""
    rows_from = await removed_before(reader, window)
    if rows_from is None:
        return Answerable(window, None, is_moved=False)
    start, end = window.start and bucket_of(Grain.DAY, window.start), window.end
    if end is not None and end < rows_from:
        end = _day_after(end)
    is_moved = (start, end) != (window.start, window.end)
    return Answerable(replace(window, start=start, end=end), rows_from, is_moved)


def _day_after(moment: datetime) -> datetime:
    day = bucket_of(Grain.DAY, moment)
    return day if day == moment else day + _DAY


def at_days(borders: Sequence[datetime], rows_from: datetime | None) -> list[datetime]:
    """Borders of parts, moved to the nearest midnight in UTC where rows were removed: still each moment once."""
    if rows_from is None:
        return list(borders)
    return [bucket_of(Grain.DAY, border + _DAY / 2) if border < rows_from else border for border in borders]


async def removed_days(
    reader: Reader, window: Window, *, by: tuple[str, ...] = (), workflow_ids: Sequence[UUID] | None = None
) -> dict[tuple[Any, ...], Days]:
    """On which days of the window runs started that may have been removed, by dimensions of runs or `series`.

    `workflow_ids`: of these instead of all the project's together.
    """
    rows_from = await removed_before(reader, window)
    if rows_from is None:
        return {}
    if window.workflow_id is not None:
        workflow_ids = [window.workflow_id]
    elif workflow_ids is None:
        workflow_ids = await workflows_told_apart(reader, window.project_id, (*by, *window.only))
    own = {"series": "r.series", "is_top_level": "coalesce(v.is_top_level, r.variant = -1)"}
    names = [own.get(name, f"v.{name}") for name in by]
    only = [f"AND {own.get(name, f'v.{name}')} = ${6 + i}" for i, name in enumerate(window.only)]
    rows = await reader.fetch(
        f"""
        SELECT {"".join(f"{name}, " for name in names)} min(r.bucket) AS first, max(r.bucket) AS last FROM run_rollups r
        LEFT JOIN rollup_variants v ON v.project_id = r.project_id AND v.series = r.series AND v.id = r.variant
        WHERE r.project_id = $1 AND r.series = ANY ($2::uuid[]) AND r.grain = {int(Grain.DAY)} AND r.bucket < $3
          AND r.bucket >= coalesce($4::timestamptz, '-infinity') AND r.bucket < coalesce($5::timestamptz, 'infinity')
          AND r.total_runs > 0 {" ".join(only)}
        {f"GROUP BY {', '.join(names)}" if names else "HAVING count(*) > 0"}
        """,  # noqa: S608 - own words only
        window.project_id,
        workflow_ids if workflow_ids is not None else [window.project_id],
        rows_from,
        window.start,
        window.end,
        *window.only.values(),
    )
    return {tuple(row)[:-2]: (row["first"], row["last"]) for row in rows}


def with_days(first: datetime | None, last: datetime | None, days: Days | None) -> tuple[Any, Any]:
    """The ends of the rows that are there, and of the days of those that are not."""
    firsts = [each for each in (first, days and days[0]) if each is not None]
    lasts = [each for each in (last, days and days[1]) if each is not None]
    return min(firsts, default=None), max(lasts, default=None)
