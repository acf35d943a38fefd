"""Closed sets of words: one word per idea, from the database to the screen."""

from enum import StrEnum


class ExecutionStatus(StrEnum):
    PENDING = "pending"
    """Recorded, and no workflow task has been scheduled yet."""
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TERMINATED = "terminated"
    TIMED_OUT = "timed_out"
    CONTINUED_AS_NEW = "continued_as_new"
    UNKNOWN = "unknown"
    """Temporal said something we do not know, or deleted the run before we saw its end."""

    @property
    def is_open(self) -> bool:
        return self in OPEN_STATUSES


OPEN_STATUSES = frozenset({ExecutionStatus.PENDING, ExecutionStatus.RUNNING, ExecutionStatus.PAUSED})
ENDED_STATUSES = frozenset(ExecutionStatus) - OPEN_STATUSES - {ExecutionStatus.UNKNOWN}
"""Those that Temporal itself says of a run that has closed."""


class ComponentStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    RETRYING = "retrying"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TERMINATED = "terminated"
    TIMED_OUT = "timed_out"
    CONTINUED_AS_NEW = "continued_as_new"
    ABANDONED = "abandoned"
    """Still open when its execution closed: nothing is pending in a closed run."""
    UNKNOWN = "unknown"

    @property
    def is_open(self) -> bool:
        return self in OPEN_COMPONENT_STATUSES

    @property
    def is_failure(self) -> bool:
        return self in FAILED_COMPONENT_STATUSES


OPEN_COMPONENT_STATUSES = frozenset(
    {
        ComponentStatus.PENDING,
        ComponentStatus.RUNNING,
        ComponentStatus.RETRYING,
        ComponentStatus.PAUSED,
    }
)
FAILED_COMPONENT_STATUSES = frozenset({ComponentStatus.FAILED, ComponentStatus.TIMED_OUT, ComponentStatus.TERMINATED})


class ComponentKind(StrEnum):
    ACTIVITY = "activity"
    LOCAL_ACTIVITY = "local_activity"
    CHILD_WORKFLOW = "child_workflow"
    TIMER = "timer"
    SIGNAL = "signal"
    EXTERNAL_SIGNAL = "external_signal"
    EXTERNAL_CANCEL = "external_cancel"
    UPDATE = "update"
    NEXUS_OPERATION = "nexus_operation"


WORK_KINDS = frozenset(
    {
        ComponentKind.ACTIVITY,
        ComponentKind.LOCAL_ACTIVITY,
        ComponentKind.CHILD_WORKFLOW,
        ComponentKind.NEXUS_OPERATION,
    }
)
"""The kinds that compete for "most used component"."""


class Phase(StrEnum):
    """What an open execution is doing; None once it has closed."""

    NOT_STARTED = "not_started"
    WORKING = "working"
    RETRYING = "retrying"
    WAITING = "waiting"
    STUCK = "stuck"


class Problem(StrEnum):
    """Why an execution that says "running" will not get further by itself."""

    WORKFLOW_TASK_FAILING = "workflow_task_failing"
    NO_WORKER = "no_worker"
    ACTIVITY_STUCK = "activity_stuck"
    HISTORY_NEAR_LIMIT = "history_near_limit"


class DetailState(StrEnum):
    NONE = "none"
    PARTIAL = "partial"
    COMPLETE = "complete"


class SyncStatus(StrEnum):
    """How the copy of one execution is doing."""

    PENDING = "pending"
    SYNCED = "synced"
    FAILED = "failed"
    """The last try failed; it will be tried again at `next_sync_at`."""
    SET_ASIDE = "set_aside"
    """Ten tries failed; tried once a day, or when somebody presses Try again."""
    GONE = "gone"
    """Temporal no longer has the execution; what was copied stays."""
