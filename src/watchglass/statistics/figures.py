"""Figures of a window, read: from the kept totals when it is unbounded, else counted by the same definitions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchglass.model.status import WORK_KINDS
from watchglass.statistics.definitions import (
    COMPONENT_FIGURES,
    HAS_DURATION,
    IS_COUNTED,
    IS_ERROR,
    RUN_FIGURES,
    RUNNING,
)
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

_RUN_COLUMNS = ", ".join(f"{sql} AS {name}" for name, sql in RUN_FIGURES.items())
_KEPT_COMPONENTS = (
    f"SELECT kind, name, {', '.join(f'sum({name}) AS {name}' for name in COMPONENT_FIGURES)} "  # noqa: S608
    "FROM component_statistics"
)
_COUNTED_COMPONENTS = (
    f"SELECT c.kind, c.name, {', '.join(f'{sql} AS {name}' for name, sql in COMPONENT_FIGURES.items())} "  # noqa: S608
    "FROM workflow_executions e JOIN component_executions c ON c.project_id = e.project_id AND c.execution_id = e.id"
)


@dataclass(frozen=True, slots=True)
class Durations:
    """Of closed executions, without those continued as new; None where there are none. Nearest-rank percentiles."""

    minimum: float | None
    maximum: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    first_run_at: datetime | None
    last_run_at: datetime | None
    last_error_at: datetime | None


async def read_run_figures(reader: Reader, window: Window) -> dict[str, Any]:
    """Every figure of `definitions.RUN_FIGURES`."""
    if window.is_unbounded:
        return await _kept_run_figures(reader, window)
    row = await reader.fetchrow(
        f"SELECT {_RUN_COLUMNS} FROM workflow_executions e WHERE {window.where}",  # noqa: S608 - own words only
        *window.arguments,
    )
    assert row is not None
    return dict(row)


async def _kept_run_figures(reader: Reader, window: Window) -> dict[str, Any]:
    table = "project_statistics" if window.workflow_id is None else "workflow_statistics"
    where = window.where.replace("e.", "")
    row = await reader.fetchrow(f"SELECT * FROM {table} WHERE {where}", *window.arguments)  # noqa: S608
    return {name: row[name] if row else 0 for name in RUN_FIGURES}


async def read_durations(reader: Reader, window: Window) -> Durations:
    row = await reader.fetchrow(
        f"""
        SELECT min(e.duration_ms) FILTER (WHERE {HAS_DURATION}), max(e.duration_ms) FILTER (WHERE {HAS_DURATION}),
            percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY e.duration_ms) FILTER (WHERE {HAS_DURATION}),
            min(e.started_at), max(e.started_at), max(e.closed_at) FILTER (WHERE {IS_ERROR})
        FROM workflow_executions e WHERE {window.where}
        """,  # noqa: S608 - own words only
        *window.arguments,
    )
    assert row is not None
    minimum, maximum, ranks, first_run_at, last_run_at, last_error_at = row
    p50, p95, p99 = ranks or (None, None, None)
    return Durations(minimum, maximum, p50, p95, p99, first_run_at, last_run_at, last_error_at)


async def read_component_figures(reader: Reader, window: Window) -> Sequence[Row]:
    """One row a component (`kind`, `name` and `definitions.COMPONENT_FIGURES`), most used first, ties by name."""
    source = _KEPT_COMPONENTS if window.is_unbounded else _COUNTED_COMPONENTS
    where = window.where.replace("e.", "") if window.is_unbounded else f"{window.where} AND {IS_COUNTED}"
    rows = await reader.fetch(
        f"{source} WHERE {where} GROUP BY kind, name ORDER BY count DESC, name, kind",
        *window.arguments,
    )
    return [row for row in rows if row["count"] > 0]


def most_used(components: Sequence[Row]) -> Row | None:
    """The first that does work; timers, signals and updates do not compete."""
    return next((row for row in components if row["kind"] in WORK_KINDS), None)


async def read_busiest_queue(reader: Reader, window: Window) -> Row | None:
    """`name` and `count` of the task queue with most executions, ties by name."""
    if window.is_unbounded:
        return await reader.fetchrow(
            """
            SELECT task_queue AS name, total_runs AS count FROM task_queue_statistics
            WHERE project_id = $1 AND total_runs > 0 ORDER BY total_runs DESC, task_queue LIMIT 1
            """,
            window.project_id,
        )
    return await reader.fetchrow(
        f"SELECT e.task_queue AS name, count(*) AS count FROM workflow_executions e WHERE {window.where} "  # noqa: S608
        "GROUP BY e.task_queue ORDER BY count(*) DESC, e.task_queue LIMIT 1",
        *window.arguments,
    )


async def read_workflow_use(reader: Reader, window: Window) -> Sequence[Row]:
    """`id`, `name` and `count` of the project's workflows that ran in the window, most used first, ties by name."""
    return await reader.fetch(
        f"""
        SELECT w.id, w.name, used.count FROM (
            SELECT e.project_id, e.workflow_id, count(*) AS count FROM workflow_executions e WHERE {window.where}
            GROUP BY e.project_id, e.workflow_id
        ) used JOIN workflows w ON w.project_id = used.project_id AND w.id = used.workflow_id
        ORDER BY used.count DESC, w.name, w.id
        """,  # noqa: S608 - own words only
        *window.arguments,
    )


async def count_workflows(reader: Reader, window: Window) -> int:
    count: int = await reader.fetchval("SELECT count(*) FROM workflows WHERE project_id = $1", window.project_id)
    return count


async def read_longest_run(reader: Reader, window: Window) -> Row | None:
    """The closed execution that took longest: `id`, `workflow_id`, `workflow_name`, `duration_ms`."""
    return await _longest(reader, window, HAS_DURATION, "e.duration_ms")


async def read_longest_running(reader: Reader, window: Window) -> Row | None:
    """The open execution that began first; its duration is so far."""
    so_far = "extract(epoch FROM clock_timestamp() - e.started_at)::double precision * 1000"
    return await _longest(reader, window, RUNNING, f"greatest({so_far}, 0)")


async def _longest(reader: Reader, window: Window, condition: str, duration: str) -> Row | None:
    return await reader.fetchrow(
        f"""
        SELECT e.id, e.workflow_id, w.name AS workflow_name, {duration} AS duration_ms
        FROM workflow_executions e JOIN workflows w ON w.project_id = e.project_id AND w.id = e.workflow_id
        WHERE {window.where} AND {condition} ORDER BY {duration} DESC, e.id LIMIT 1
        """,  # noqa: S608 - own words only
        *window.arguments,
    )


async def read_last_start(reader: Reader, window: Window) -> datetime | None:
    last: datetime | None = await reader.fetchval(
        f"SELECT max(e.started_at) FROM workflow_executions e WHERE {window.where}",  # noqa: S608
        *window.arguments,
    )
    return last
