"""Timers: fired and cancelled events join by the started event's id, because timer ids can repeat."""

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.parse.clock import millis
from watchglass.parse.events.handler import Handler
from watchglass.parse.run_state import RunState


def _started(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.timer_started_event_attributes
    unit = state.begin(event, event_id, ComponentKind.TIMER, "timer", attributes.timer_id, display_name="Timer")
    unit.ref = (("timerId", attributes.timer_id),)
    unit.started_at = unit.scheduled_at
    unit.timer_duration_ms = millis(attributes.start_to_fire_timeout)


def _fired(state: RunState, event: HistoryEvent, event_id: int) -> None:
    state.finish(event.timer_fired_event_attributes.started_event_id, event, event_id, ComponentStatus.COMPLETED)


def _canceled(state: RunState, event: HistoryEvent, event_id: int) -> None:
    state.finish(event.timer_canceled_event_attributes.started_event_id, event, event_id, ComponentStatus.CANCELLED)


HANDLERS: dict[int, Handler] = {
    EventType.EVENT_TYPE_TIMER_STARTED: _started,
    EventType.EVENT_TYPE_TIMER_FIRED: _fired,
    EventType.EVENT_TYPE_TIMER_CANCELED: _canceled,
}
