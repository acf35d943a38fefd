"""How long work waits in each task queue of a project."""

from collections.abc import Sequence

from watchglass.statistics.component_metrics import COMPONENT_METRICS
from watchglass.statistics.definitions import IS_COUNTED
from watchglass.statistics.metric import columns
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

MOST_LINES = 500
_CLOCK = columns(COMPONENT_METRICS, [f"queue_{figure}" for figure in ("count", "avg_ms", "p50_ms", "p95_ms", "max_ms")])


async def read_queue_lines(reader: Reader, window: Window) -> Sequence[Row]:
    """`task_queue`, `runs`, `steps` and the queue clock of its steps; most steps and runs first, ties by name."""
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
