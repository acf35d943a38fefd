"""One line of a list of executions, from its row."""

import json
from typing import Any

from watchglass.api.shapes.execution import CurrentStep, ExecutionSummary, FailedStep
from watchglass.store.summaries import Row

_AS_THEY_ARE = (
    "workflow_name",
    "temporal_workflow_id",
    "temporal_run_id",
    "status",
    "phase",
    "problem",
    "problem_detail",
    "problem_since",
    "started_at",
    "closed_at",
    "duration_ms",
    "task_queue",
    "component_count",
    "failed_component_count",
    "retry_count",
    "unexpected_retry_count",
    "unexpected_failure_count",
    "error_message",
    "error_type",
    "step_statuses",
    "detail_state",
    "sync_status",
    "synced_at",
)


def render_summary(row: Row) -> ExecutionSummary:
    return ExecutionSummary(**summary_fields(row))


def summary_fields(row: Row) -> dict[str, Any]:
    current, failed = _step(row["current_step"]), _step(row["failed_step"])
    step = failed or current
    return {
        **{name: row[name] for name in _AS_THEY_ARE},
        "id": str(row["id"]),
        "workflow_id": str(row["workflow_id"]),
        "version": row["version"],
        "current_or_failed_step": step[2] if step else None,
        "current_step": _current(current),
        "failed_step": _failed(failed),
    }


def _step(text: str | None) -> list[Any] | None:
    """`[event id, node id, display name, attempt, is paused]`, as the store writes it."""
    step: list[Any] | None = json.loads(text) if text else None
    return step


def _current(step: list[Any] | None) -> CurrentStep | None:
    if not step:
        return None
    # Rows of older rules end with the attempt.
    is_paused = bool(step[4:] and step[4])
    return CurrentStep(event_id=step[0], display_name=step[2], attempt=step[3], is_paused=is_paused)


def _failed(step: list[Any] | None) -> FailedStep | None:
    return FailedStep(event_id=step[0], node_id=step[1], display_name=step[2]) if step else None
