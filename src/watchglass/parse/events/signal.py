"""Signals received, and signals and cancel requests sent to other workflows."""

from temporalio.api.enums.v1 import (
    CancelExternalWorkflowExecutionFailedCause,
    EventType,
    SignalExternalWorkflowExecutionFailedCause,
)
from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.failure import Failure
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.parse.events.handler import Handler
from watchglass.parse.run_state import RunState
from watchglass.parse.values import values_of

_SIGNAL_CAUSES = {
    number: name.removeprefix("SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_").replace("_", " ").lower()
    for name, number in SignalExternalWorkflowExecutionFailedCause.items()
}
_CANCEL_CAUSES = {
    number: name.removeprefix("CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_").replace("_", " ").lower()
    for name, number in CancelExternalWorkflowExecutionFailedCause.items()
}


def _received(state: RunState, event: HistoryEvent, event_id: int) -> None:
    """A signal is a moment, not a wait: recorded, begun and done at once."""
    attributes = event.workflow_execution_signaled_event_attributes
    unit = state.begin(event, event_id, ComponentKind.SIGNAL, attributes.signal_name)
    unit.input = values_of(attributes.input, event_id)
    unit.worker = attributes.identity or None
    unit.started_at = unit.scheduled_at
    if attributes.HasField("external_workflow_execution"):
        unit.ref = (("fromWorkflowId", attributes.external_workflow_execution.workflow_id),)
    unit.end(event_id, unit.scheduled_at, ComponentStatus.COMPLETED)


def _signal_sent(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.signal_external_workflow_execution_initiated_event_attributes
    target = attributes.workflow_execution
    unit = state.begin(event, event_id, ComponentKind.EXTERNAL_SIGNAL, attributes.signal_name)
    unit.ref = (("workflowId", target.workflow_id), ("runId", target.run_id))
    unit.input = values_of(attributes.input, event_id)


def _signal_delivered(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.external_workflow_execution_signaled_event_attributes
    state.finish(attributes.initiated_event_id, event, event_id, ComponentStatus.COMPLETED)


def _signal_refused(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.signal_external_workflow_execution_failed_event_attributes
    unit = state.finish(attributes.initiated_event_id, event, event_id, ComponentStatus.FAILED)
    if unit:
        cause = _SIGNAL_CAUSES.get(attributes.cause, f"cause {attributes.cause}")
        unit.failure = _refusal("SignalExternalFailed", f"The signal could not be delivered: {cause}.")


def _cancel_sent(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.request_cancel_external_workflow_execution_initiated_event_attributes
    target = attributes.workflow_execution
    unit = state.begin(
        event, event_id, ComponentKind.EXTERNAL_CANCEL, "cancel", display_name=f"Cancel {target.workflow_id}"
    )
    unit.ref = (("workflowId", target.workflow_id), ("runId", target.run_id))


def _cancel_delivered(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.external_workflow_execution_cancel_requested_event_attributes
    state.finish(attributes.initiated_event_id, event, event_id, ComponentStatus.COMPLETED)


def _cancel_refused(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.request_cancel_external_workflow_execution_failed_event_attributes
    unit = state.finish(attributes.initiated_event_id, event, event_id, ComponentStatus.FAILED)
    if unit:
        cause = _CANCEL_CAUSES.get(attributes.cause, f"cause {attributes.cause}")
        unit.failure = _refusal("CancelExternalFailed", f"The cancel request could not be delivered: {cause}.")


def _refusal(kind: str, message: str) -> Failure:
    return Failure("server", kind, message, "", False, None)


HANDLERS: dict[int, Handler] = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: _received,
    EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: _signal_sent,
    EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED: _signal_delivered,
    EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED: _signal_refused,
    EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: _cancel_sent,
    EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED: _cancel_delivered,
    EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED: _cancel_refused,
}
