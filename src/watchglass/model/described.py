"""What DescribeWorkflowExecution adds to a history: the things a run's events do not say.

Enumerations stay the numbers that the server sent, because a newer server may send one that nobody here
knows. Times are microseconds since 1970, UTC; None means that the server did not say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from watchglass.model.chain import Versioning
from watchglass.model.execution import RunRef
from watchglass.model.failure import Failure
from watchglass.model.pause import Pause
from watchglass.model.policy import RetryPolicy

PENDING_ACTIVITY_SCHEDULED = 1
PENDING_ACTIVITY_STARTED = 2
PENDING_ACTIVITY_CANCEL_REQUESTED = 3
PENDING_ACTIVITY_PAUSED = 4
PENDING_ACTIVITY_PAUSE_REQUESTED = 5

PENDING_WORKFLOW_TASK_SCHEDULED = 1


@dataclass(frozen=True, slots=True)
class PendingActivity:
    """One activity that has not ended; the only place where a retrying activity's attempt and error can be
    seen."""

    activity_id: str
    type: str
    state: int
    """1 scheduled, 2 started, 3 cancel requested, 4 paused, 5 pause requested."""
    attempt: int
    maximum_attempts: int
    """0 means unlimited."""
    scheduled_at: int | None
    """When the present attempt was, or will be, handed out; not when the activity was first scheduled."""
    last_started_at: int | None
    last_ended_at: int | None
    next_attempt_at: int | None
    expires_at: int | None
    last_failure: Failure | None
    heartbeat: bytes | None
    """Serialised Payloads of the last heartbeat."""
    last_heartbeat_at: int | None
    worker: str | None
    paused: bool
    pause: Pause | None = None
    """None also where an older server does not say who paused it."""
    policy: RetryPolicy | None = None
    """The policy that holds now: somebody may have changed it since the activity was scheduled. So for the next."""
    task_queue: str | None = None
    is_benign: bool = False
    """The last failure is of the category BENIGN: the code expects it, as when it asks for something until it is
    there."""


@dataclass(frozen=True, slots=True)
class PendingWorkflowTask:
    state: int
    """1 scheduled, 2 started."""
    attempt: int
    scheduled_at: int | None
    original_scheduled_at: int | None
    """When the first attempt of this task was scheduled."""
    started_at: int | None


@dataclass(frozen=True, slots=True)
class PendingChild:
    ref: RunRef
    type: str
    initiated_event_id: int


@dataclass(frozen=True, slots=True)
class PendingNexusOperation:
    scheduled_event_id: int
    state: int
    """1 scheduled, 2 backing off, 3 started, 4 blocked."""
    attempt: int
    next_attempt_at: int | None
    last_failure: Failure | None
    blocked_reason: str


@dataclass(frozen=True, slots=True)
class Described:
    ref: RunRef
    type: str
    status: int
    """1 running, 2 completed, 3 failed, 4 canceled, 5 terminated, 6 continued as new, 7 timed out, 8
    paused."""
    started_at: int | None
    execution_at: int | None
    """When the first workflow task was, or will be, allowed: later than the start after a delay or
    back-off."""
    closed_at: int | None
    history_length: int
    history_bytes: int
    task_queue: str
    first_run_id: str | None
    parent: RunRef | None
    root: RunRef | None
    memo: Mapping[str, bytes]
    """Serialised `Payload` by key."""
    search_attributes: Mapping[str, bytes]
    """Serialised `Payload` by name; its metadata names the type."""
    build_id: str | None
    schedule_id: str | None
    cancel_requested: bool
    reset_run_id: str | None
    """The run that a reset put in this one's place."""
    pending_activities: tuple[PendingActivity, ...] = ()
    pending_workflow_task: PendingWorkflowTask | None = None
    pending_children: tuple[PendingChild, ...] = ()
    pending_nexus_operations: tuple[PendingNexusOperation, ...] = ()
    has_pollers: bool | None = None
    """Does a worker take this run's workflow tasks? Filled in by whoever asked the task queue; None =
    not asked."""
    deployment: str | None = None
    """The worker deployment that `build_id` is a version of."""
    versioning: Versioning | None = None
    described_at: int | None = None
    """When the answer was read."""
    unpolled_queues: frozenset[str] = field(default_factory=frozenset)
    """Task queues of open activities that no worker takes work from, where somebody looked."""
    last_polls: Mapping[str, int] = field(default_factory=dict)
    """When a worker last asked a task queue that none takes work from, by the server's clock, where it still knows."""
    answer: bytes | None = None
    """The server's whole answer, serialised, where it is kept to be read again by later rules."""
