"""What the Python form of a metric counts: the same columns of a run and of a step that the SQL form reads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CountedRun:
    """A row of `workflow_executions`."""

    status: str
    duration_ms: float | None = None
    parent_run_id: str | None = None
    is_retried: bool = False
    superseded_by: str | None = None
    stopped_by_reset: bool = False
    task_queue: str = ""


@dataclass(frozen=True, slots=True)
class CountedStep:
    """A row of `component_executions` that is counted: not copied by a reset, not of Watchglass itself."""

    kind: str
    name: str
    status: str
    attempt: int | None = None
    reason: str | None = None
    duration_ms: float | None = None
    queue_ms: float | None = None
    execution_ms: float | None = None
    retry_ms: float | None = None
    waiting_ms: float | None = None
