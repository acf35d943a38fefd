"""How long work waits in each task queue of a project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchglass.statistics.columns import COMPONENTS, RUNS
from watchglass.statistics.from_lines import measured
from watchglass.statistics.question import ask
from watchglass.statistics.read import read_exactly, read_lines
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

MOST_LINES = 500
_FIGURES = ("queue_count", "queue_sum_ms", "queue_min_ms", "queue_max_ms")
_CLOCK = ("avg", "p50", "p95", "max")


@dataclass(frozen=True, slots=True)
class QueueLines:
    rows: Sequence[Mapping[str, Any]]
    """`task_queue`, `runs`, `steps` and the queue clock of its steps; most steps and runs first, ties by name."""
    percentile_error: float


async def read_queue_lines(reader: Reader, window: Window) -> QueueLines:
    by = ("task_queue",)
    runs = {line.dimensions[0]: line for line in await read_lines(reader, ask(RUNS, window, by=by, figures=()))}
    lines, error = await read_exactly(reader, ask(COMPONENTS, window, by=by, measured=("queue",), figures=_FIGURES))
    steps = {line.dimensions[0]: line for line in lines}
    rows = []
    # Of steps without a task queue, and of those that the roll-ups do not tell apart, nothing is said.
    for name in {*runs, *steps} - {"", None}:
        clock = measured(COMPONENTS, steps[name], "queue", (50, 95)) if name in steps else {}
        rows.append(
            {
                "task_queue": name,
                "runs": runs[name].sums["total_runs"] if name in runs else 0,
                "steps": steps[name].sums["count"] if name in steps else 0,
                "queue_count": steps[name].sums["queue_count"] if name in steps else 0,
                **{f"queue_{figure}_ms": clock.get(figure) for figure in _CLOCK},
            }
        )
    rows.sort(key=lambda row: (-row["runs"] - row["steps"], row["task_queue"]))
    return QueueLines(rows[:MOST_LINES], error)
