"""A unit while its events are still coming in, and how it becomes a `Component`."""

from typing import cast

from watchglass.model.component import Clocks, Component, Values
from watchglass.model.failure import Failure
from watchglass.model.policy import Choice, RetryPolicy
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.model.verdict import Reason
from watchglass.parse.clock import NOTHING, waiting_clocks, work_clocks
from watchglass.parse.retry import Facts, judge
from watchglass.parse.twin import twin_of

_OpenComponent = twin_of(Component)
_COMPLETED = ComponentStatus.COMPLETED
_MOMENTS = frozenset({ComponentKind.SIGNAL, ComponentKind.EXTERNAL_SIGNAL, ComponentKind.EXTERNAL_CANCEL})


class Draft:
    """Mutable, one per head event. Defaults live on the class: a unit sets only what its events say."""

    kind: ComponentKind
    event_id: int
    last_event_id: int
    node_id: str
    iteration: tuple[int, ...] | None = None
    occurrence: int
    name: str
    display_name: str
    scheduled_at: int | None
    started_at: int | None = None
    completed_at: int | None = None
    ended_by: int = 0
    """The terminal event's id; 0 while the unit is open."""
    status: ComponentStatus = ComponentStatus.RUNNING
    attempt: int | None = None
    policy: RetryPolicy | None = None
    choice: Choice | None = None
    failure: Failure | None = None
    previous_failure: Failure | None = None
    input: Values | None = None
    output: Values | None = None
    ref: tuple[tuple[str, str], ...] = ()
    own_id: str = ""
    """Activity id, timer id, child workflow id or update id: what Describe and failures name the unit by."""
    retry_state: str | None = None
    timeout_type: str | None = None
    worker: str | None = None
    cancel_requested: bool = False
    timer_duration_ms: float | None = None
    task_queue: str | None = None
    clocks: Clocks | None = None
    """Set by units that carry their own times."""
    finished: Component | None = None
    """The component of an ended unit, kept until another event touches it."""

    def end(self, event_id: int, at: int | None, status: ComponentStatus) -> None:
        """Close a unit that begins and ends with one event."""
        self.ended_by = self.last_event_id = event_id
        self.completed_at = at
        self.status = status

    def component(self, *, closed_run: bool, reset_id: int) -> Component:
        """The unit as it stands; `reset_id` is the last reset's event id, before which units are copies."""
        if not self.ended_by:
            status = ComponentStatus.ABANDONED if closed_run and self.status.is_open else self.status
            return self._frozen(status, copied=False)
        copied = self.ended_by < reset_id
        if self.finished is None or self.finished.copied != copied:
            self.finished = self._frozen(self.status, copied=copied)
        return self.finished

    def _frozen(self, status: ComponentStatus, *, copied: bool) -> Component:
        made = _OpenComponent()
        made.event_id = self.event_id
        made.last_event_id = self.last_event_id
        made.node_id = self.node_id
        made.occurrence = self.occurrence
        made.name = self.name
        made.display_name = self.display_name
        made.kind = self.kind
        made.scheduled_at = self.scheduled_at
        made.started_at = self.started_at
        made.completed_at = self.completed_at
        made.attempt = self.attempt
        made.policy = self.policy
        made.choice = self.choice
        made.failure = self.failure
        made.previous_failure = self.previous_failure
        made.input = self.input
        made.output = self.output
        made.ref = self.ref
        made.retry_state = self.retry_state
        made.timeout_type = self.timeout_type
        made.worker = self.worker
        made.cancel_requested = self.cancel_requested
        made.timer_duration_ms = self.timer_duration_ms
        made.iteration = self.iteration
        made.heartbeat = None  # Only Describe tells of heartbeats, pauses and of what comes next.
        made.last_heartbeat_at = None
        made.next_attempt_at = None
        made.pause = None
        made.task_queue = self.task_queue
        made.status = status
        made.copied = copied
        made.clocks = self._clocks()
        # Nine units in ten: done at the first attempt, nothing to judge.
        made.reason = None if self.attempt == 1 and status is _COMPLETED else self._reason(status)
        made.__class__ = Component
        return cast(Component, made)

    def _clocks(self) -> Clocks:
        if self.clocks is not None:
            return self.clocks
        if self.kind in _MOMENTS:
            return NOTHING
        if self.kind is ComponentKind.TIMER:
            return waiting_clocks(self.started_at, self.completed_at)
        return work_clocks(self.scheduled_at, self.started_at, self.completed_at, self.attempt)

    def _reason(self, status: ComponentStatus) -> Reason | None:
        return judge(
            Facts(
                self.kind,
                status,
                self.attempt,
                self.policy,
                self.retry_state,
                self.timeout_type,
                self.failure,
                self.choice,
                self.previous_failure,
            )
        )
