"""The figures of a window, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchglass.model.status import WORK_KINDS
from watchglass.statistics.columns import COMPONENTS, RUNS
from watchglass.statistics.definitions import IS_ERROR, RUNNING
from watchglass.statistics.from_lines import measured, together
from watchglass.statistics.line import Line
from watchglass.statistics.question import ask
from watchglass.statistics.read import read_exactly, read_lines
from watchglass.statistics.removed import removed_days, with_days
from watchglass.statistics.window import Window
from watchglass.store.durations import HAS_DURATION
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

_LAST_START = "SELECT e.started_at FROM workflow_executions e WHERE {} ORDER BY e.started_at DESC LIMIT 1"
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


@dataclass(frozen=True, slots=True)
class WorkflowFigures:
    """What one reading says of a workflow."""

    sums: Mapping[str, Any]
    """By the names of `columns.RUNS`."""
    durations: Durations
    by_build: Sequence[Line]
    """One a `deployment_name` and `build_id`."""


async def read_workflow_figures(reader: Reader, window: Window) -> WorkflowFigures:
    lines, error = await read_exactly(
        reader, ask(RUNS, window, by=("deployment_name", "build_id"), measured=("duration",))
    )
    if not lines:
        return WorkflowFigures(dict.fromkeys(RUNS.sums, 0), Durations(None, None, None, None, None, 0), [])
    whole = together(RUNS, lines)
    found = measured(RUNS, whole, "duration", (50, 95, 99))
    durations = Durations(found["min"], found["max"], found["p50"], found["p95"], found["p99"], error)
    return WorkflowFigures(whole.sums, durations, lines)


@dataclass(frozen=True, slots=True)
class Ends:
    last_run_at: datetime | None
    """Where rows were removed, the beginning of its day."""
    last_error_at: datetime | None


async def read_ends(reader: Reader, window: Window) -> Ends:
    """One look at an index each."""
    ends = await reader.fetchrow(
        f"""
        SELECT ({_LAST_START.format(window.where)}),
            (SELECT e.closed_at FROM workflow_executions e WHERE {window.where} AND {IS_ERROR}
             AND e.closed_at IS NOT NULL ORDER BY e.closed_at DESC LIMIT 1)
        """,  # noqa: S608 - own words only
        *window.arguments,
    )
    assert ends is not None
    _, last = with_days(None, ends[0], (await removed_days(reader, window)).get(()))
    return Ends(last, ends[1])


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """What one reading says of a project."""

    sums: Mapping[str, Any]
    """By the names of `columns.RUNS`."""
    duration_max_ms: float | None
    busiest_queue: Mapping[str, Any] | None
    """`name` and `count` of the task queue with most executions, ties by name."""


async def read_project_figures(reader: Reader, window: Window) -> ProjectFigures:
    lines = await read_lines(reader, ask(RUNS, window, by=("task_queue",)))
    if not lines:
        return ProjectFigures(dict.fromkeys(RUNS.sums, 0), None, None)
    whole = together(RUNS, lines)
    # Null words: of those that the roll-ups do not tell apart.
    named = [(-line.sums["total_runs"], name) for line in lines for name in line.dimensions if name is not None]
    count, name = min(named, default=(0, None))
    queue = None if name is None else {"name": name, "count": -count}
    return ProjectFigures(whole.sums, whole.extremes["duration_max_ms"], queue)


async def read_coverage(reader: Reader, window: Window) -> tuple[int, int]:
    """Of how many executions there is detail, and how many there are."""
    lines = await read_lines(reader, ask(RUNS, window, figures=("detailed_runs",)))
    return sum(int(line.sums["detailed_runs"]) for line in lines), sum(int(line.sums["total_runs"]) for line in lines)


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
    """Where rows were removed, the beginning of its day."""
    last: datetime | None = await reader.fetchval(_LAST_START.format(window.where), *window.arguments)
    days = (await removed_days(reader, window)).get(())
    last_day: datetime | None = with_days(None, last, days)[1]
    return last_day
