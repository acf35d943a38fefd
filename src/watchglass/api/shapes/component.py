"""Component executions: the steps of a run."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import Input, Output, RecordedAt
from watchglass.api.shapes.execution import HandlerLink
from watchglass.api.shapes.failure import Failure
from watchglass.api.shapes.payload import Payload
from watchglass.model.attempt import AttemptSource
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.model.verdict import Reason, Verdict


class RetryPolicy(Output):
    """How often, and after how long, something is tried again."""

    initial_interval_ms: float
    backoff_coefficient: float
    maximum_interval_ms: float | None
    maximum_attempts: int
    """0 means unlimited."""
    non_retryable_error_types: list[str]


class Attempt(Output):
    """One try."""

    number: int
    started_at: datetime | None
    ended_at: datetime | None
    failure: Failure | None
    source: AttemptSource


class Pause(Output):
    """Who paused a step, and why."""

    at: datetime | None
    by: str | None
    """The identity that Temporal recorded."""
    reason: str | None
    rule: str | None
    """Id of the workflow rule of the namespace that paused it; null when a person did."""


class ComponentExecution(Output):
    """One unit of work inside an execution."""

    id: str
    """`<executionId>:<eventId>`."""
    event_id: int
    """Id of the event that began it: its identity inside the execution."""
    node_id: str
    occurrence: int
    """The n-th unit of its node in this execution, from 1."""
    component_name: str
    """The activity type, child workflow type, signal name …"""
    display_name: str
    kind: ComponentKind
    status: ComponentStatus
    scheduled_at: RecordedAt
    started_at: datetime | None
    """Start of the last attempt."""
    completed_at: datetime | None
    duration_ms: float | None
    queue_ms: float | None
    """Scheduled to first start; known only when there was one attempt."""
    execution_ms: float | None
    """The work itself: the last attempt, or all observed ones."""
    retry_ms: float | None
    """Back-off and earlier attempts."""
    waiting_ms: float | None
    """A timer's wait."""
    clock_skew: bool
    """A clock ran backwards; the difference is shown as 0."""
    input: list[Payload] | None
    """One per argument; null when there was none, or it is too large to be sent here (`inputTruncated`)."""
    output: list[Payload] | None
    input_truncated: bool
    """Some text of `input` is cut; `execution.getComponentExecution` has the whole."""
    output_truncated: bool
    input_bytes: int
    output_bytes: int
    error_message: str | None
    """Of the first failure in the chain that is not a mere wrapper."""
    error_type: str | None
    attempt: int | None
    """Number of the last attempt; null where the history does not hold it."""
    retry_count: int | None
    retry_verdict: Verdict
    retry_reason: Reason | None
    is_expected_retry: bool | None
    """Null when nothing was retried or the history does not say."""
    retry_explanation: str | None
    """The verdict in one sentence; null when there is nothing to judge."""
    retry_policy: RetryPolicy | None
    """The one that the server used."""
    chosen_policy: RetryPolicy | None
    """What was chosen for its node, in built workflows; null where nobody chose, or the history does not say."""
    policy_differs: bool
    """The server used another policy than the one that was chosen."""
    retry_state: str | None
    """The server's own word, for instance MAXIMUM_ATTEMPTS_REACHED."""
    timeout_type: str | None
    cancel_requested: bool
    heartbeat: list[Payload] | None
    """What the last heartbeat carried."""
    last_heartbeat_at: datetime | None
    next_attempt_at: datetime | None
    """While it waits for its next attempt: when that is due."""
    pause: Pause | None
    """While it is paused; null also where the server does not say who did it. `startedAt` is set while an attempt that
    had begun before is still at work."""
    timer_duration_ms: float | None
    copied: bool
    """Ended before the reset point of a reset run: shown, not counted."""
    iteration: list[int] | None
    """Which pass through its loops, in built workflows."""
    ref: dict[str, str]
    """Temporal's ids: activityId, timerId, childWorkflowId, childRunId, updateId, endpoint …"""
    task_queue: str | None
    worker: str | None
    """Identity of the worker that held the last attempt."""
    child_execution_id: str | None
    """The execution of a child workflow, when it has been copied too."""
    handled_by: HandlerLink | None
    """The run, mostly in another namespace, that a Nexus operation was given to; its `executionId` is null where you
    see no copy of it."""


class ComponentExecutionDetails(ComponentExecution):
    """A component execution with everything that is known of it."""

    failure: Failure | None
    previous_failure: Failure | None
    """The failure of the attempt before the last."""
    attempts: list[Attempt]
    """From the first; those nobody recorded are named `not_recorded`."""


class ComponentExecutionInput(Input):
    """Names one component execution."""

    execution_id: UUID
    event_id: int = Field(ge=1, le=2**53)
