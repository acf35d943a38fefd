"""Which unit brought the run down.

The run's failure chain names it: an activity, child or Nexus wrapper carries the id of the head event. Code
that catches an error and raises its own breaks that chain; then it is the unit that failed with the same
words, else the last one whose failure the closing workflow task was told. A failure that was handled
earlier is none of these.
"""

from temporalio.api.failure.v1 import Failure as FailureMessage

from watchglass.model.status import ComponentKind
from watchglass.parse.draft import Draft
from watchglass.parse.failure import parse_failure, surface_error
from watchglass.parse.run_state import RunState

_ACTIVITIES = frozenset({ComponentKind.ACTIVITY, ComponentKind.LOCAL_ACTIVITY})


def unit_at_fault(state: RunState, message: FailureMessage) -> int:
    """The head event's id, or 0 when the workflow's own code failed."""
    failed = [
        unit
        for unit in state.units.values()
        if unit.status.is_failure and unit.kind is not ComponentKind.UPDATE  # it fails because the run does
    ]
    if not failed:
        return 0
    return _named(state, failed, message) or _same_words(failed, message) or _just_told(state, failed)


def _named(state: RunState, failed: list[Draft], message: FailureMessage) -> int:
    while True:
        head_id = _head(state, failed, message)
        if head_id:
            return head_id
        if not message.HasField("cause"):
            return 0
        message = message.cause


def _head(state: RunState, failed: list[Draft], message: FailureMessage) -> int:
    match message.WhichOneof("failure_info"):
        case "activity_failure_info":
            info = message.activity_failure_info
            unit = state.units.get(info.scheduled_event_id)
            if unit is not None and unit.kind is ComponentKind.ACTIVITY:
                return unit.event_id
            return _by_own_id(failed, info.activity_id)
        case "child_workflow_execution_failure_info":
            head_id = message.child_workflow_execution_failure_info.initiated_event_id
        case "nexus_operation_execution_failure_info":
            head_id = message.nexus_operation_execution_failure_info.scheduled_event_id
        case _:
            return 0
    return head_id if head_id in state.units else 0


def _by_own_id(failed: list[Draft], activity_id: str) -> int:
    """Local activities have no scheduled event; their activity id is all there is."""
    return next(
        (unit.event_id for unit in reversed(failed) if unit.kind in _ACTIVITIES and unit.own_id == activity_id),
        0,
    )


def _same_words(failed: list[Draft], message: FailureMessage) -> int:
    words = surface_error(parse_failure(message))[1]
    return next((unit.event_id for unit in reversed(failed) if words and surface_error(unit.failure)[1] == words), 0)


def _just_told(state: RunState, failed: list[Draft]) -> int:
    newest = max(failed, key=lambda unit: unit.ended_by)
    return newest.event_id if newest.ended_by > state.previous_task_completed else 0
