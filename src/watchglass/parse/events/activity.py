"""Activities: everything joins to the scheduled event by its id, never by activity id or type."""

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.journal import READ_GRAPH
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.parse.built import nodes_in
from watchglass.parse.clock import time_of
from watchglass.parse.events.handler import Handler
from watchglass.parse.failure import parse_failure, timeout_type
from watchglass.parse.retry import retry_state_name
from watchglass.parse.run_state import RunState
from watchglass.parse.values import values_of


def _scheduled(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.activity_task_scheduled_event_attributes
    activity_id = attributes.activity_id
    unit = state.begin(event, event_id, ComponentKind.ACTIVITY, attributes.activity_type.name, activity_id)
    unit.ref = (("activityId", activity_id),)
    unit.task_queue = attributes.task_queue.name
    unit.input = values_of(attributes.input, event_id)
    unit.policy = state.policies.read(attributes.retry_policy)


def _started(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.activity_task_started_event_attributes
    unit = state.follow(attributes.scheduled_event_id, event_id)
    if unit is None:
        return
    unit.started_at = time_of(event)
    unit.attempt = attributes.attempt or None
    unit.worker = attributes.identity or None
    if attributes.HasField("last_failure"):
        unit.previous_failure = parse_failure(attributes.last_failure)


def _completed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.activity_task_completed_event_attributes
    unit = state.finish(attributes.scheduled_event_id, event, event_id, ComponentStatus.COMPLETED)
    if unit:
        unit.output = values_of(attributes.result, event_id)
        if state.is_built and unit.own_id == READ_GRAPH and state.drawn is None:
            state.drawn = nodes_in(attributes.result)


def _failed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.activity_task_failed_event_attributes
    unit = state.finish(attributes.scheduled_event_id, event, event_id, ComponentStatus.FAILED)
    if unit:
        unit.retry_state = retry_state_name(attributes.retry_state)
        if attributes.HasField("failure"):
            unit.failure = parse_failure(attributes.failure)


def _timed_out(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.activity_task_timed_out_event_attributes
    unit = state.finish(attributes.scheduled_event_id, event, event_id, ComponentStatus.TIMED_OUT)
    if unit:
        unit.retry_state = retry_state_name(attributes.retry_state)
        if attributes.HasField("failure"):
            unit.failure = parse_failure(attributes.failure)
            unit.timeout_type = timeout_type(unit.failure)


def _cancel_requested(state: RunState, event: HistoryEvent, event_id: int) -> None:
    unit = state.follow(event.activity_task_cancel_requested_event_attributes.scheduled_event_id, event_id)
    if unit:
        unit.cancel_requested = True


def _canceled(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.activity_task_canceled_event_attributes
    unit = state.finish(attributes.scheduled_event_id, event, event_id, ComponentStatus.CANCELLED)
    if unit:
        unit.output = values_of(attributes.details, event_id)


def _options_changed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.activity_properties_modified_externally_event_attributes
    unit = state.follow(attributes.scheduled_event_id, event_id)
    if unit and attributes.HasField("new_retry_policy"):
        unit.policy = state.policies.read(attributes.new_retry_policy)


HANDLERS: dict[int, Handler] = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: _scheduled,
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED: _started,
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: _completed,
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: _failed,
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: _timed_out,
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED: _cancel_requested,
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED: _canceled,
    EventType.EVENT_TYPE_ACTIVITY_PROPERTIES_MODIFIED_EXTERNALLY: _options_changed,
}
