"""A project's workflows side by side: figures of the window, and how runs and errors are spread over it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from watchglass.statistics.columns import RUNS
from watchglass.statistics.definitions import IS_ERROR
from watchglass.statistics.from_lines import are_many, run_figures
from watchglass.statistics.histogram import RELATIVE_ERROR
from watchglass.statistics.metric import columns
from watchglass.statistics.read import END, ask, read_lines
from watchglass.statistics.run_metrics import RUN_METRICS
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

MOST_LINES = 500
SPARKS = 24
"""Points of a sparkline."""
_FIGURES = ("total_runs", "error_count", "success_rate", "duration_count", "avg_duration_ms", "p95_duration_ms")
_COLUMNS = columns(RUN_METRICS, _FIGURES)


@dataclass(frozen=True, slots=True)
class Spark:
    runs: tuple[int, ...]
    errors: tuple[int, ...]


EMPTY = Spark((0,) * SPARKS, (0,) * SPARKS)


@dataclass(frozen=True, slots=True)
class WorkflowLines:
    rows: Sequence[Mapping[str, Any]]
    """`id`, `name`, `kind`, `last_run_at` and the figures: of every workflow, most runs first, ties by name."""
    sparks: Mapping[UUID, Spark]
    """By workflow, of those that ran."""
    start: datetime | None
    """Where the sparklines begin; None where nothing ran."""
    end: datetime
    other: int
    """How many workflows there are beyond `MOST_LINES`."""
    percentile_error: float


async def read_workflow_lines(reader: Reader, window: Window, *, now: datetime | None = None) -> WorkflowLines:
    if await are_many(reader, RUNS, window):
        return await _rolled_up(reader, window, now)
    rows = await _rows(reader, window)
    end = window.end or now or datetime.now(UTC)
    start = window.start or min((row["first_run_at"] for row in rows if row["first_run_at"]), default=None)
    sparks = await _sparks(reader, window, start, end) if start is not None and start < end else {}
    other = rows[0]["all_lines"] - len(rows) if rows else 0
    return WorkflowLines([dict(row) for row in rows], sparks, start, end, other, 0)


async def _rows(reader: Reader, window: Window) -> Sequence[Row]:
    return await reader.fetch(
        f"""
        SELECT w.id, w.name, w.kind, counted.first_run_at, counted.last_run_at, count(*) OVER () AS all_lines,
            coalesce(counted.total_runs, 0) AS total_runs, coalesce(counted.error_count, 0) AS error_count,
            coalesce(counted.duration_count, 0) AS duration_count, counted.success_rate, counted.avg_duration_ms,
            counted.p95_duration_ms
        FROM workflows w LEFT JOIN (
            SELECT e.project_id, e.workflow_id, {_COLUMNS}, min(e.started_at) AS first_run_at,
                max(e.started_at) AS last_run_at
            FROM workflow_executions e WHERE {window.where} GROUP BY e.project_id, e.workflow_id
        ) counted ON counted.project_id = w.project_id AND counted.workflow_id = w.id
        WHERE w.project_id = $1 ORDER BY coalesce(counted.total_runs, 0) DESC, w.name, w.id LIMIT {MOST_LINES}
        """,  # noqa: S608 - own words only
        *window.arguments,
    )


async def _rolled_up(reader: Reader, window: Window, now: datetime | None) -> WorkflowLines:
    known = await reader.fetch("SELECT id, name, kind FROM workflows WHERE project_id = $1", window.project_id)
    workflow_ids = [row["id"] for row in known]
    question = ask(RUNS, window, by=("series",), workflow_ids=workflow_ids, with_histogram=True)
    figures = {line.dimensions[0]: run_figures(line) for line in await read_lines(reader, question)}
    ends = await _ends(reader, window, list(figures))
    nothing = dict.fromkeys(_FIGURES) | {"total_runs": 0, "error_count": 0, "duration_count": 0}
    rows = [
        {**row, **figures.get(row["id"], nothing), "last_run_at": ends.get(row["id"], (None, None))[1]} for row in known
    ]
    rows.sort(key=lambda row: (-row["total_runs"], row["name"], row["id"]))
    end = window.end or now or datetime.now(UTC)
    start = window.start or min((first for first, _ in ends.values()), default=None)
    shown = [row["id"] for row in rows[:MOST_LINES]]
    sparks = await _rolled_up_sparks(reader, window, shown, start, end) if start is not None and start < end else {}
    return WorkflowLines(rows[:MOST_LINES], sparks, start, end, max(len(rows) - MOST_LINES, 0), RELATIVE_ERROR)


async def _ends(reader: Reader, window: Window, workflow_ids: Sequence[UUID]) -> dict[UUID, tuple[datetime, datetime]]:
    """When the first and the last run of each workflow in the window started: two looks at an index each."""
    one = (
        f"SELECT e.started_at FROM workflow_executions e WHERE {window.where} AND e.workflow_id = w.id "  # noqa: S608
        "ORDER BY e.started_at"
    )
    rows = await reader.fetch(
        f"SELECT w.id, ({one} LIMIT 1) AS first, ({one} DESC LIMIT 1) AS last "  # noqa: S608 - own words
        f"FROM unnest(${len(window.arguments) + 1}::uuid[]) AS w(id)",
        *window.arguments,
        workflow_ids,
    )
    return {row["id"]: (row["first"], row["last"]) for row in rows if row["first"] is not None}


async def _rolled_up_sparks(
    reader: Reader, window: Window, workflow_ids: Sequence[UUID], start: datetime, end: datetime
) -> dict[UUID, Spark]:
    width = (end - start) / SPARKS
    borders = [start + width * number for number in range(SPARKS)]
    # A clock that is behind puts runs after `now`: they belong to the last point.
    windows = list(pairwise([*borders, window.end or END]))
    question = ask(RUNS, window, by=("series",), windows=windows, workflow_ids=workflow_ids, figures=("error_runs",))
    runs: dict[UUID, list[int]] = defaultdict(lambda: [0] * SPARKS)
    errors: dict[UUID, list[int]] = defaultdict(lambda: [0] * SPARKS)
    for line in await read_lines(reader, question):
        runs[line.dimensions[0]][line.window] += int(line.sums["total_runs"])
        errors[line.dimensions[0]][line.window] += int(line.sums["error_runs"])
    return {workflow: Spark(tuple(counts), tuple(errors[workflow])) for workflow, counts in runs.items()}


async def _sparks(reader: Reader, window: Window, start: datetime, end: datetime) -> dict[UUID, Spark]:
    width = (end - start) / SPARKS
    rows = await reader.fetch(
        f"""
        SELECT e.workflow_id, width_bucket(e.started_at, ${len(window.arguments) + 1}::timestamptz[]) AS number,
            count(*) AS runs, count(*) FILTER (WHERE {IS_ERROR}) AS errors
        FROM workflow_executions e WHERE {window.where} GROUP BY e.workflow_id, number
        """,  # noqa: S608 - own words only
        *window.arguments,
        [start + width * number for number in range(SPARKS)],
    )
    runs: dict[UUID, list[int]] = defaultdict(lambda: [0] * SPARKS)
    errors: dict[UUID, list[int]] = defaultdict(lambda: [0] * SPARKS)
    for row in rows:
        # A clock that is behind puts runs after `now`: they belong to the last point.
        number = min(max(row["number"], 1), SPARKS) - 1
        runs[row["workflow_id"]][number] += row["runs"]
        errors[row["workflow_id"]][number] += row["errors"]
    return {workflow: Spark(tuple(counts), tuple(errors[workflow])) for workflow, counts in runs.items()}
