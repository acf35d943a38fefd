"""Nexus operations: calls to another namespace, joined by the scheduled event's id."""

from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure as FailureMessage
from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.parse.clock import time_of
from watchglass.parse.draft import Draft
from watchglass.parse.events.handler import Handler
from watchglass.parse.failure import parse_failure, surface_failure, timeout_type
from watchglass.parse.links import handler_in
from watchglass.parse.run_state import RunState
from watchglass.parse.values import value_of


def _scheduled(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.nexus_operation_scheduled_event_attributes
    name = f"{attributes.service}.{attributes.operation}"
    unit = state.begin(event, event_id, ComponentKind.NEXUS_OPERATION, name)
    unit.ref = (
        ("endpoint", attributes.endpoint),
        ("service", attributes.service),
        ("operation", attributes.operation),
    )
    if attributes.HasField("input"):
        unit.input = value_of(attributes.input, event_id)


def _started(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.nexus_operation_started_event_attributes
    unit = state.follow(attributes.scheduled_event_id, event_id)
    if unit is None:
        return
    unit.started_at = time_of(event)
    token = attributes.operation_token or attributes.operation_id
    if token:
        unit.ref = (*unit.ref[:3], ("operationToken", token))
    _link(unit, event)


def _link(unit: Draft, event: HistoryEvent) -> None:
    """Operations that run as a workflow say which; those that answer at once have no run to name."""
    if event.links and not any(name == "handlerRunId" for name, _ in unit.ref):
        unit.ref = (*unit.ref, *handler_in(event.links))


def _completed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.nexus_operation_completed_event_attributes
    unit = state.finish(attributes.scheduled_event_id, event, event_id, ComponentStatus.COMPLETED)
    if unit is None:
        return
    _link(unit, event)
    if attributes.HasField("result"):
        unit.output = value_of(attributes.result, event_id)


def _failed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.nexus_operation_failed_event_attributes
    _end(
        state,
        event,
        event_id,
        attributes.scheduled_event_id,
        status=ComponentStatus.FAILED,
        failure=attributes.failure,
    )


def _canceled(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.nexus_operation_canceled_event_attributes
    _end(
        state,
        event,
        event_id,
        attributes.scheduled_event_id,
        status=ComponentStatus.CANCELLED,
        failure=attributes.failure,
    )


def _timed_out(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.nexus_operation_timed_out_event_attributes
    _end(
        state,
        event,
        event_id,
        attributes.scheduled_event_id,
        status=ComponentStatus.TIMED_OUT,
        failure=attributes.failure,
    )


def _end(
    state: RunState,
    event: HistoryEvent,
    event_id: int,
    head_id: int,
    *,
    status: ComponentStatus,
    failure: FailureMessage,
) -> None:
    unit = state.finish(head_id, event, event_id, status)
    if unit:
        unit.failure = parse_failure(failure)
        unit.timeout_type = timeout_type(surface_failure(unit.failure))


def _cancel_requested(state: RunState, event: HistoryEvent, event_id: int) -> None:
    unit = state.follow(event.nexus_operation_cancel_requested_event_attributes.scheduled_event_id, event_id)
    if unit:
        unit.cancel_requested = True


def _cancel_answered(state: RunState, event: HistoryEvent, event_id: int) -> None:
    state.follow(event.nexus_operation_cancel_request_completed_event_attributes.scheduled_event_id, event_id)


def _cancel_refused(state: RunState, event: HistoryEvent, event_id: int) -> None:
    state.follow(event.nexus_operation_cancel_request_failed_event_attributes.scheduled_event_id, event_id)


HANDLERS: dict[int, Handler] = {
    EventType.EVENT_TYPE_NEXUS_OPERATION_SCHEDULED: _scheduled,
    EventType.EVENT_TYPE_NEXUS_OPERATION_STARTED: _started,
    EventType.EVENT_TYPE_NEXUS_OPERATION_COMPLETED: _completed,
    EventType.EVENT_TYPE_NEXUS_OPERATION_FAILED: _failed,
    EventType.EVENT_TYPE_NEXUS_OPERATION_CANCELED: _canceled,
    EventType.EVENT_TYPE_NEXUS_OPERATION_TIMED_OUT: _timed_out,
    EventType.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUESTED: _cancel_requested,
    EventType.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUEST_COMPLETED: _cancel_answered,
    EventType.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUEST_FAILED: _cancel_refused,
}
