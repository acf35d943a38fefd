"""How long work waits in each task queue of a project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchglass.statistics.columns import COMPONENTS, RUNS
from watchglass.statistics.component_metrics import COMPONENT_METRICS
from watchglass.statistics.definitions import IS_COUNTED
from watchglass.statistics.from_lines import are_many, step_figures
from watchglass.statistics.histogram import RELATIVE_ERROR
from watchglass.statistics.metric import columns
from watchglass.statistics.read import ask, read_lines
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

MOST_LINES = 500
_NAMES = [f"queue_{figure}" for figure in ("count", "avg_ms", "p50_ms", "p95_ms", "max_ms")]
_CLOCK = columns(COMPONENT_METRICS, _NAMES)


@dataclass(frozen=True, slots=True)
class QueueLines:
    rows: Sequence[Mapping[str, Any]]
    """`task_queue`, `runs`, `steps` and the queue clock of its steps; most steps and runs first, ties by name."""
    percentile_error: float


async def read_queue_lines(reader: Reader, window: Window) -> QueueLines:
    if await are_many(reader, RUNS, window) or await are_many(reader, COMPONENTS, window):
        return QueueLines(await _rolled_up(reader, window), RELATIVE_ERROR)
    return QueueLines([dict(row) for row in await _rows(reader, window)], 0)


async def _rolled_up(reader: Reader, window: Window) -> Sequence[Mapping[str, Any]]:
    by = ("task_queue",)
    runs = {line.dimensions[0]: line for line in await read_lines(reader, ask(RUNS, window, by=by, figures=()))}
    steps = {
        line.dimensions[0]: line
        for line in await read_lines(reader, ask(COMPONENTS, window, by=by, with_histogram=True))
    }
    rows = []
    # Of steps without a task queue, and of those that the roll-ups do not tell apart, nothing is said.
    for name in {*runs, *steps} - {"", None}:
        clock = step_figures(steps[name], 0) if name in steps else dict.fromkeys(_NAMES) | {"queue_count": 0}
        counts = {
            "runs": runs[name].sums["total_runs"] if name in runs else 0,
            "steps": steps[name].sums["count"] if name in steps else 0,
        }
        rows.append({"task_queue": name, **counts, **{column: clock[column] for column in _NAMES}})
    return sorted(rows, key=lambda row: (-row["runs"] - row["steps"], row["task_queue"]))[:MOST_LINES]


async def _rows(reader: Reader, window: Window) -> Sequence[Row]:
    return await reader.fetch(
        f"""
        WITH runs AS (
            SELECT e.task_queue, count(*) AS runs FROM workflow_executions e WHERE {window.where} GROUP BY e.task_queue
        ), steps AS (
            SELECT c.task_queue, count(*) AS steps, {_CLOCK} FROM workflow_executions e
            JOIN component_executions c ON c.project_id = e.project_id AND c.execution_id = e.id AND {IS_COUNTED}
            WHERE {window.where} AND c.task_queue IS NOT NULL GROUP BY c.task_queue
        )
        SELECT coalesce(runs.task_queue, steps.task_queue) AS task_queue, coalesce(runs.runs, 0) AS runs,
            coalesce(steps.steps, 0) AS steps, coalesce(steps.queue_count, 0) AS queue_count, steps.queue_avg_ms,
            steps.queue_p50_ms, steps.queue_p95_ms, steps.queue_max_ms
        FROM runs FULL JOIN steps ON steps.task_queue = runs.task_queue
        ORDER BY coalesce(steps.steps, 0) + coalesce(runs.runs, 0) DESC, 1 LIMIT {MOST_LINES}
        """,  # noqa: S608 - own words only
        *window.arguments,
    )
