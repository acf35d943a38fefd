"""The figures of a window, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchglass.model.status import WORK_KINDS
from watchglass.statistics.columns import COMPONENTS, RUNS
from watchglass.statistics.definitions import HAS_DURATION, IS_ERROR, RUN_FIGURES, RUNNING
from watchglass.statistics.histogram import RELATIVE_ERROR, percentile
from watchglass.statistics.read import ask, read_lines
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

FEW_RUNS = 5_000
"""Durations of so many are ordered themselves; percentiles of more are those of their histogram."""
RANKS = (0.5, 0.95, 0.99)
_OF_COMPONENT = (*COMPONENTS.counts, "duration_count", "duration_sum_ms")


@dataclass(frozen=True, slots=True)
class Durations:
    """Of closed executions, without those continued as new; None where there are none. Nearest-rank percentiles."""

    minimum: float | None
    maximum: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    percentile_error: float
    """How far, relative to them, percentiles may be off."""
    first_run_at: datetime | None
    last_run_at: datetime | None
    last_error_at: datetime | None


async def read_run_figures(reader: Reader, window: Window) -> dict[str, Any]:
    """Every figure of `definitions.RUN_FIGURES`, and `duration_max_ms`."""
    lines = await read_lines(reader, ask(RUNS, window, by=("is_top_level",)))
    figures: dict[str, Any] = {name: sum(line.sums.get(name, 0) for line in lines) for name in RUN_FIGURES}
    figures["top_level_runs"] = sum(line.sums["total_runs"] for line in lines if line.dimensions == (True,))
    longest = [value for line in lines if (value := line.extremes["duration_max_ms"]) is not None]
    figures["duration_max_ms"] = max(longest, default=None)
    return figures


async def read_durations(reader: Reader, window: Window) -> Durations:
    lines = await read_lines(reader, ask(RUNS, window, with_histogram=True))
    if not lines:
        return Durations(None, None, None, None, None, 0, None, None, None)
    (figures,) = lines
    count = int(figures.sums["duration_count"])
    minimum, maximum = figures.extremes["duration_min_ms"], figures.extremes["duration_max_ms"]
    p50 = p95 = p99 = None
    # Runs that carried on have no duration, and are looked at all the same where durations are ordered.
    is_exact = figures.sums["total_runs"] <= FEW_RUNS
    if count and is_exact:
        p50, p95, p99 = await _ranked(reader, window)
    elif minimum is not None and maximum is not None:
        counts = dict(figures.histogram)
        p50, p95, p99 = (percentile(counts, rank, minimum=minimum, maximum=maximum) for rank in RANKS)
    ends = await reader.fetchrow(
        f"""
        SELECT ({_end(window, "e.started_at")}), ({_end(window, "e.started_at DESC")}),
            (SELECT e.closed_at FROM workflow_executions e WHERE {window.where} AND {IS_ERROR}
             AND e.closed_at IS NOT NULL ORDER BY e.closed_at DESC LIMIT 1)
        """,  # noqa: S608 - own words only
        *window.arguments,
    )
    assert ends is not None
    error = 0 if is_exact else RELATIVE_ERROR
    return Durations(minimum, maximum, p50, p95, p99, error, *ends)


async def _ranked(reader: Reader, window: Window) -> Sequence[float]:
    ranks: Sequence[float] = await reader.fetchval(
        f"SELECT percentile_disc(${len(window.arguments) + 1}::double precision[]) "  # noqa: S608 - own words
        "WITHIN GROUP (ORDER BY e.duration_ms) "
        f"FROM workflow_executions e WHERE {window.where} AND {HAS_DURATION}",
        *window.arguments,
        RANKS,
    )
    return ranks


def _end(window: Window, order: str) -> str:
    """The first start in an order; one look at an index, which each of the orders has."""
    return f"SELECT e.started_at FROM workflow_executions e WHERE {window.where} ORDER BY {order} LIMIT 1"  # noqa: S608


async def read_component_figures(reader: Reader, window: Window) -> Sequence[dict[str, Any]]:
    """One row a component, most used first, ties by name: `kind`, `name`, the counts of `columns.COMPONENTS`, and how
    many durations there are and their sum.

    Without those beyond the most that are told apart.
    """
    lines = await read_lines(reader, ask(COMPONENTS, window, by=("kind", "name"), figures=_OF_COMPONENT))
    rows = [{"kind": kind, "name": name, **line.sums} for line in lines for kind, name in [line.dimensions] if kind]
    return sorted(rows, key=lambda row: (-row["count"], row["name"], row["kind"]))


def most_used(components: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The first that does work; timers, signals and updates do not compete."""
    return next((row for row in components if row["kind"] in WORK_KINDS), None)


async def read_busiest_queue(reader: Reader, window: Window) -> dict[str, Any] | None:
    """`name` and `count` of the task queue with most executions, ties by name."""
    lines = await read_lines(reader, ask(RUNS, window, by=("task_queue",), figures=()))
    named = [(-line.sums["total_runs"], name) for line in lines for name in line.dimensions if name is not None]
    if not named:
        return None
    count, name = min(named)
    return {"name": name, "count": -count}


async def read_workflow_use(reader: Reader, window: Window) -> Sequence[dict[str, Any]]:
    """`id`, `name` and `count` of the project's workflows that ran in the window, most used first, ties by name."""
    known = await reader.fetch("SELECT id, name FROM workflows WHERE project_id = $1", window.project_id)
    names = {row["id"]: row["name"] for row in known}
    lines = await read_lines(reader, ask(RUNS, window, by=("series",), workflow_ids=list(names), figures=()))
    used = [{"id": id, "name": names[id], "count": line.sums["total_runs"]} for line in lines for id in line.dimensions]
    return sorted(used, key=lambda row: (-row["count"], row["name"], row["id"]))


async def count_workflows(reader: Reader, window: Window) -> int:
    count: int = await reader.fetchval("SELECT count(*) FROM workflows WHERE project_id = $1", window.project_id)
    return count


async def read_longest_run(reader: Reader, window: Window, longest: float | None) -> Row | None:
    """The closed execution that took `longest`: `id`, `workflow_id`, `workflow_name`, `duration_ms`."""
    if longest is None:
        return None
    return await reader.fetchrow(
        f"""
        SELECT e.id, e.workflow_id, w.name AS workflow_name, e.duration_ms
        FROM workflow_executions e JOIN workflows w ON w.project_id = e.project_id AND w.id = e.workflow_id
        WHERE {window.where} AND {HAS_DURATION} AND e.duration_ms = ${len(window.arguments) + 1}
        ORDER BY e.id LIMIT 1
        """,  # noqa: S608 - own words only
        *window.arguments,
        longest,
    )


async def read_longest_running(reader: Reader, window: Window) -> Row | None:
    """The open execution that began first; its duration is so far."""
    return await reader.fetchrow(
        f"""
        SELECT e.id, e.workflow_id, w.name AS workflow_name,
            greatest(extract(epoch FROM clock_timestamp() - e.started_at)::double precision * 1000, 0) AS duration_ms
        FROM workflow_executions e JOIN workflows w ON w.project_id = e.project_id AND w.id = e.workflow_id
        WHERE {window.where} AND {RUNNING} AND e.closed_at IS NULL
        ORDER BY e.started_at, e.id LIMIT 1
        """,  # noqa: S608 - own words only
        *window.arguments,
    )


async def read_last_start(reader: Reader, window: Window) -> datetime | None:
    last: datetime | None = await reader.fetchval(_end(window, "e.started_at DESC"), *window.arguments)
    return last
