"""One definition of each figure, as SQL over `workflow_executions e` and `component_executions c` and as Python.

Every query of this room is put together from these, so that the stored totals, a recomputation and a figure over a
window of time cannot disagree. The figures that people see are the lists of `run_metrics` and `component_metrics`: the
page's "how is this computed" prints their words, and a test holds their SQL and their Python against each other.
"""

from watchglass.model.status import OPEN_STATUSES
from watchglass.statistics.counted import CountedRun
from watchglass.statistics.exact_sum import exact_sum
from watchglass.store import error_runs, step_filter
from watchglass.store.durations import HAS_DURATION

RUNNING = "e.status IN ('pending', 'running', 'paused')"

IS_ERROR = error_runs.IS_ERROR


IS_DETAILED = "e.detail_state <> 'none'"

RUN_FIGURES = {
    "total_runs": "count(*)",
    "top_level_runs": "count(*) FILTER (WHERE e.parent_run_id IS NULL)",
    "running_runs": f"count(*) FILTER (WHERE {RUNNING})",
    "completed_runs": "count(*) FILTER (WHERE e.status = 'completed')",
    "failed_runs": "count(*) FILTER (WHERE e.status = 'failed')",
    "cancelled_runs": "count(*) FILTER (WHERE e.status = 'cancelled')",
    "terminated_runs": "count(*) FILTER (WHERE e.status = 'terminated')",
    "timed_out_runs": "count(*) FILTER (WHERE e.status = 'timed_out')",
    "continued_as_new_runs": "count(*) FILTER (WHERE e.status = 'continued_as_new')",
    "unknown_runs": "count(*) FILTER (WHERE e.status = 'unknown')",
    "retried_runs": "count(*) FILTER (WHERE e.is_retried)",
    "error_runs": f"count(*) FILTER (WHERE {IS_ERROR})",
    "detailed_runs": f"count(*) FILTER (WHERE {IS_DETAILED})",
    "duration_count": f"count(*) FILTER (WHERE {HAS_DURATION})",
    "duration_sum_ms": f"coalesce({exact_sum(f'CASE WHEN {HAS_DURATION} THEN e.duration_ms END')}, 0)",
}

COMPONENT_FIGURES = {
    "count": "count(*)",
    "failed_count": "count(*) FILTER (WHERE c.status IN ('failed', 'timed_out', 'terminated'))",
    "duration_count": "count(c.duration_ms)",
    "duration_sum_ms": f"coalesce({exact_sum('c.duration_ms')}, 0)",
}

IS_COUNTED = step_filter.IS_COUNTED


def success_rate(completed: int, errors: int) -> float | None:
    """completed / (completed + errors); None when nothing that counts has ended."""
    ended = completed + errors
    return completed / ended if ended else None


def is_error(run: CountedRun) -> bool:
    """`IS_ERROR` in Python."""
    has_failed = run.status in {"failed", "timed_out", "terminated"}
    return has_failed and not (run.is_retried or run.superseded_by is not None or run.stopped_by_reset)


def has_duration(run: CountedRun) -> bool:
    """`HAS_DURATION` in Python."""
    return run.duration_ms is not None and run.status not in {*OPEN_STATUSES, "continued_as_new"}
