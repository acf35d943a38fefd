"""A project's workflows side by side: figures of the window, and how runs and errors are spread over it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from watchglass.statistics.columns import RUNS
from watchglass.statistics.from_lines import run_figures
from watchglass.statistics.parts import beginnings
from watchglass.statistics.question import END, ask
from watchglass.statistics.read import read_exactly, read_lines
from watchglass.statistics.removed import at_days, removed_before, removed_days, with_days
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

MOST_LINES = 500
SPARKS = 24
"""Points of a sparkline."""
_COUNTED = ("completed_runs", "error_runs", *(f"duration_{name}" for name in ("count", "sum_ms", "min_ms", "max_ms")))
_NOTHING: Mapping[str, Any] = {
    **dict.fromkeys(("success_rate", "avg_duration_ms", "p95_duration_ms")),
    **dict.fromkeys(("total_runs", "error_count", "duration_count"), 0),
}


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
    known = await reader.fetch("SELECT id, name, kind FROM workflows WHERE project_id = $1", window.project_id)
    workflow_ids = [row["id"] for row in known]
    question = ask(RUNS, window, by=("series",), workflow_ids=workflow_ids, measured=("duration",), figures=_COUNTED)
    lines, error = await read_exactly(reader, question)
    figures = {line.dimensions[0]: run_figures(line) for line in lines}
    ends = {line.dimensions[0]: line.ran for line in lines if line.ran} or await _ends(reader, window, list(figures))
    rows = [
        {**row, **figures.get(row["id"], _NOTHING), "last_run_at": ends.get(row["id"], (None, None))[1]}
        for row in known
    ]
    rows.sort(key=lambda row: (-row["total_runs"], row["name"], row["id"]))
    end = window.end or now or datetime.now(UTC)
    start = window.start or min((first for first, _ in ends.values()), default=None)
    shown = [row["id"] for row in rows[:MOST_LINES]]
    sparks = await _sparks(reader, window, shown, start, end) if start is not None and start < end else {}
    return WorkflowLines(rows[:MOST_LINES], sparks, start, end, max(len(rows) - MOST_LINES, 0), error)


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
    days = await removed_days(reader, window, by=("series",), workflow_ids=workflow_ids)
    ends = {row["id"]: with_days(row["first"], row["last"], days.get((row["id"],))) for row in rows}
    return {id: (first, last) for id, (first, last) in ends.items() if first is not None}


async def _sparks(
    reader: Reader, window: Window, workflow_ids: Sequence[UUID], start: datetime, end: datetime
) -> dict[UUID, Spark]:
    borders = at_days(beginnings(start, end, SPARKS), await removed_before(reader, window))
    # A clock that is behind puts runs after `now`: they belong to the last point.
    windows = list(pairwise([*borders, window.end or END]))
    question = ask(RUNS, window, by=("series",), windows=windows, workflow_ids=workflow_ids, figures=("error_runs",))
    runs: dict[UUID, list[int]] = defaultdict(lambda: [0] * SPARKS)
    errors: dict[UUID, list[int]] = defaultdict(lambda: [0] * SPARKS)
    for line in await read_lines(reader, question):
        runs[line.dimensions[0]][line.window] += int(line.sums["total_runs"])
        errors[line.dimensions[0]][line.window] += int(line.sums["error_runs"])
    return {workflow: Spark(tuple(counts), tuple(errors[workflow])) for workflow, counts in runs.items()}
