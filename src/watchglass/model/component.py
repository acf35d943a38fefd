"""One unit of work inside an execution, as the history tells it."""

from dataclasses import dataclass

from watchglass.model.chosen_policy import differs
from watchglass.model.failure import Failure
from watchglass.model.pause import Pause
from watchglass.model.payload import Payload
from watchglass.model.policy import Choice, RetryPolicy
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.model.verdict import Reason


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where a unit's time went, in milliseconds; None where the history cannot say."""

    duration_ms: float | None = None
    queue_ms: float | None = None
    execution_ms: float | None = None
    retry_ms: float | None = None
    waiting_ms: float | None = None
    skew: bool = False
    """A clock ran backwards; the difference is shown as 0."""


@dataclass(frozen=True, slots=True)
class Values:
    """Payloads of one side of a unit, as Temporal holds them (a serialised
    `temporal.api.common.v1.Payloads`)."""

    data: bytes
    size: int
    """Sum of the payloads' own data bytes."""
    event_id: int
    """The history event that holds them, so that large ones need not be stored twice."""
    beginnings: tuple[Payload, ...] | None = None
    """Where `data` is left empty because the values are large: the first of each one's text, and its whole size."""


@dataclass(frozen=True, slots=True)
class Component:
    event_id: int
    """The head event's id: the unit's identity inside its execution."""
    last_event_id: int
    """The newest event that says something about the unit."""
    node_id: str
    occurrence: int
    """The n-th unit of its node in this execution, from 1, in event order."""
    name: str
    """The component's type: activity type, child workflow type, signal name, …"""
    display_name: str
    kind: ComponentKind
    status: ComponentStatus
    scheduled_at: int | None
    """Microseconds since 1970, UTC; None when the event carries no time. So are the two below."""
    started_at: int | None
    completed_at: int | None
    clocks: Clocks
    attempt: int | None
    """The number of the last attempt; None where the history does not hold it."""
    reason: Reason | None
    policy: RetryPolicy | None = None
    failure: Failure | None = None
    previous_failure: Failure | None = None
    """The failure of the attempt before the last one (all the history keeps of earlier attempts)."""
    input: Values | None = None
    output: Values | None = None
    ref: tuple[tuple[str, str], ...] = ()
    """Ids that name the unit to Temporal: activityId, timerId, childWorkflowId, childRunId, updateId,
    endpoint …"""
    retry_state: str | None = None
    """The server's own word, for instance MAXIMUM_ATTEMPTS_REACHED."""
    timeout_type: str | None = None
    worker: str | None = None
    """Identity of the worker that held the last attempt."""
    cancel_requested: bool = False
    copied: bool = False
    """Ended before the reset point of a reset run: shown, not counted."""
    timer_duration_ms: float | None = None
    iteration: tuple[int, ...] | None = None
    """Which item of the loops around its node, outermost first; empty outside of loops. None: no node of a
    drawing."""
    heartbeat: bytes | None = None
    """Serialised Payloads of the last heartbeat, from Describe."""
    last_heartbeat_at: int | None = None
    next_attempt_at: int | None = None
    """While the unit waits for its next attempt: when that is due, from Describe."""
    task_queue: str | None = None
    pause: Pause | None = None
    """While it is paused: by whom and why, from Describe."""
    choice: Choice | None = None
    """What was chosen for its node; None where it is no node of a built workflow."""

    @property
    def retries(self) -> int | None:
        return None if self.attempt is None else max(self.attempt - 1, 0)

    @property
    def policy_differs(self) -> bool:
        """The server used another policy than the one that was chosen."""
        chosen = self.choice.policy if self.choice else None
        return chosen is not None and self.policy is not None and differs(chosen, self.policy)

    @property
    def shown_failure(self) -> Failure | None:
        """What a line about the unit shows: its failure; while it is open, that of the attempt before."""
        return self.failure or (self.previous_failure if self.status.is_open else None)
