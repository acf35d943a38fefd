"""Updates: the head is ACCEPTED. An ADMITTED event (written after a reset) stands in until it is accepted."""

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.update.v1 import Request

from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.parse.clock import time_of
from watchglass.parse.draft import Draft
from watchglass.parse.events.handler import Handler
from watchglass.parse.failure import parse_failure
from watchglass.parse.run_state import RunState
from watchglass.parse.values import values_of


def _admitted(state: RunState, event: HistoryEvent, event_id: int) -> None:
    request = event.workflow_execution_update_admitted_event_attributes.request
    unit = _begin(state, event, event_id, request, request.meta.update_id)
    unit.status = ComponentStatus.PENDING
    unit.ref = (("updateId", unit.own_id), ("admittedEventId", str(event_id)))


def _accepted(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_execution_update_accepted_event_attributes
    request = attributes.accepted_request
    update_id = attributes.protocol_instance_id or request.meta.update_id
    unit = _take_admitted(state, event_id, update_id) or _begin(state, event, event_id, request, update_id)
    unit.started_at = time_of(event)


def _begin(state: RunState, event: HistoryEvent, event_id: int, request: Request, update_id: str) -> Draft:
    unit = state.begin(event, event_id, ComponentKind.UPDATE, request.input.name, update_id)
    unit.ref = (("updateId", update_id),)
    unit.input = values_of(request.input.args, event_id)
    unit.worker = request.meta.identity or None
    state.updates[update_id] = event_id
    return unit


def _take_admitted(state: RunState, event_id: int, update_id: str) -> Draft | None:
    """The admitted unit under its new identity, moved to its place in event order."""
    unit = state.units.get(state.updates.get(update_id, 0))
    if unit is None or unit.status is not ComponentStatus.PENDING:
        return None
    del state.units[unit.event_id]
    unit.event_id = unit.last_event_id = event_id
    unit.status = ComponentStatus.RUNNING
    state.units[event_id] = unit
    state.updates[update_id] = event_id
    _renumber(state, unit.node_id)
    return unit


def _renumber(state: RunState, node_id: str) -> None:
    number = 0
    for unit in state.units.values():
        if unit.node_id == node_id:
            number += 1
            unit.occurrence = number
            unit.finished = None


def _completed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    """Servers of 2023 left the accepted event's id out; the update id names the unit then."""
    attributes = event.workflow_execution_update_completed_event_attributes
    head_id = attributes.accepted_event_id or state.updates.get(attributes.meta.update_id, 0)
    outcome = attributes.outcome
    failed = outcome.HasField("failure")
    status = ComponentStatus.FAILED if failed else ComponentStatus.COMPLETED
    unit = state.finish(head_id, event, event_id, status)
    if unit:
        unit.output = values_of(outcome.success, event_id)
        unit.failure = parse_failure(outcome.failure) if failed else None


def _rejected(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_execution_update_rejected_event_attributes
    unit = state.finish(state.updates.get(attributes.protocol_instance_id, 0), event, event_id, ComponentStatus.FAILED)
    if unit:
        unit.failure = parse_failure(attributes.failure)


HANDLERS: dict[int, Handler] = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ADMITTED: _admitted,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: _accepted,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED: _completed,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_REJECTED: _rejected,
}
