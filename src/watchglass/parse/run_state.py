"""What the fold knows about a run so far; the handlers in `parse.events` write it, `parse.outlook` reads
it."""

from dataclasses import dataclass, field

from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.component import Values
from watchglass.model.execution import Caller, LifecycleEvent, RunRef, Timeouts
from watchglass.model.failure import Failure
from watchglass.model.journal import Journaled
from watchglass.model.status import ComponentKind, ComponentStatus, ExecutionStatus
from watchglass.parse.built import DrawnNode
from watchglass.parse.clock import time_of
from watchglass.parse.draft import Draft
from watchglass.parse.names import built_place, summary_of
from watchglass.parse.policy import PolicyReader

_NOT_DRAWN = DrawnNode("")


@dataclass(slots=True)
class RunState:
    workflow_id: str = ""
    original_run_id: str = ""
    """The run id that the first event names; after a reset it is the base run's."""
    reset_run_id: str = ""
    """This run's id as the reset event names it."""
    type: str = ""
    task_queue: str = ""
    first_at: int | None = None
    attempt: int = 1
    input: Values | None = None
    parent: RunRef | None = None
    root: RunRef | None = None
    first_run_id: str | None = None
    continued_from: str | None = None
    continued_to: str | None = None
    initiator: int = 0
    """Why the run before carried on, as the server's own number."""
    called_by: Caller | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    memo: dict[str, bytes] = field(default_factory=dict)
    search_attributes: dict[str, bytes] = field(default_factory=dict)
    lifecycle: list[LifecycleEvent] = field(default_factory=list)
    is_built: bool = False
    """The builder started it: its ids and summaries say which nodes they belong to."""
    drawn: dict[str, DrawnNode] | None = None
    """The nodes by id, once the run has read its graph. It holds for units that begin later, so that
    what was told of a unit does not change."""
    journal: list[Journaled] = field(default_factory=list)

    closed: ExecutionStatus | None = None
    closed_at: int | None = None
    closed_by: int = 0
    result: Values | None = None
    failure: Failure | None = None
    failed_unit: int = 0
    """Event id of the unit that the run's failure chain points at; 0 when it points at none."""
    paused: bool = False
    reset_from: str = ""
    """The run that the last reset copied from."""
    stopped_by_reset: bool = False
    reset_at: int = 0
    """Event id of the last reset."""

    task_scheduled: int = 0
    task_started: int = 0
    task_completed: int = 0
    previous_task_completed: int = 0
    task_failed: int = 0
    """Event ids of the newest workflow-task events of each kind."""
    task_failure: str = ""
    """Why the newest failed workflow task failed, as one line."""
    task_worker: HistoryEvent | None = None
    """The newest completed workflow task, which names the worker's build."""

    units: dict[int, Draft] = field(default_factory=dict)
    """By head event id."""
    updates: dict[str, int] = field(default_factory=dict)
    """Head event id by update id."""
    occurrences: dict[str, int] = field(default_factory=dict)
    policies: PolicyReader = field(default_factory=PolicyReader)

    last_event_id: int = 0
    event_count: int = 0
    unknown_events: dict[int, int] = field(default_factory=dict)

    def begin(
        self,
        event: HistoryEvent,
        event_id: int,
        kind: ComponentKind,
        name: str,
        own_id: str = "",
        *,
        display_name: str = "",
    ) -> Draft:
        """Open the unit whose head event this is."""
        unit = Draft()
        summary = summary_of(event) if event.HasField("user_metadata") else None
        unit.kind = kind
        unit.event_id = unit.last_event_id = event_id
        unit.name = name
        unit.own_id = own_id
        unit.display_name = summary or display_name or name
        unit.node_id = summary or name
        if self.is_built:
            self._place_built(unit, summary)
        unit.scheduled_at = time_of(event)
        unit.occurrence = self.occurrences[unit.node_id] = self.occurrences.get(unit.node_id, 0) + 1
        self.units[event_id] = unit
        return unit

    def _place_built(self, unit: Draft, summary: str | None) -> None:
        match unit.kind:
            case ComponentKind.ACTIVITY | ComponentKind.LOCAL_ACTIVITY:
                builder_id = unit.own_id
            case ComponentKind.CHILD_WORKFLOW:
                builder_id = unit.own_id.removeprefix(f"{self.workflow_id}/")
            case ComponentKind.TIMER:
                builder_id = summary or ""
            case _:
                return
        place = built_place(builder_id)
        if place is not None:
            unit.node_id, unit.iteration = place
            node = (self.drawn or {}).get(unit.node_id, _NOT_DRAWN)
            if unit.kind in (ComponentKind.TIMER, ComponentKind.CHILD_WORKFLOW):
                # Their summary is the node's id, where an activity's is its name.
                unit.display_name = node.name or unit.display_name
            if unit.kind is not ComponentKind.TIMER:
                unit.choice = node.choice

    def follow(self, head_id: int, event_id: int) -> Draft | None:
        """The unit that an event says something about; None when its head is not in this history."""
        unit = self.units.get(head_id)
        if unit is not None:
            unit.last_event_id = event_id
            unit.finished = None
        return unit

    def finish(self, head_id: int, event: HistoryEvent, event_id: int, status: ComponentStatus) -> Draft | None:
        """The unit that an event ends; None when its head is not here, or an earlier event ended it."""
        unit = self.units.get(head_id)
        if unit is None or unit.ended_by:
            return None
        unit.ended_by = unit.last_event_id = event_id
        unit.completed_at = time_of(event)
        unit.status = status
        return unit

    def note(
        self, event: HistoryEvent, kind: str, at: int | None, by: str | None = None, reason: str | None = None
    ) -> None:
        """Record something that happened to the run itself."""
        self.lifecycle.append(LifecycleEvent(event.event_id, kind, at, by or None, reason or None))

    def run_ref(self) -> RunRef:
        return RunRef(self.workflow_id, self.reset_run_id or self.original_run_id)
