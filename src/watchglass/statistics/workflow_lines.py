"""A project's workflows side by side: figures of the window, and how runs and errors are spread over it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from watchglass.statistics.definitions import IS_ERROR
from watchglass.statistics.metric import columns
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
    rows: Sequence[Row]
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
    rows = await reader.fetch(
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
    end = window.end or now or datetime.now(UTC)
    start = window.start or min((row["first_run_at"] for row in rows if row["first_run_at"]), default=None)
    sparks = await _sparks(reader, window, start, end) if start is not None and start < end else {}
    other = rows[0]["all_lines"] - len(rows) if rows else 0
    return WorkflowLines(rows, sparks, start, end, other, 0)


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
