"""Child workflows: everything joins to the initiated event by its id."""

from temporalio.api.enums.v1 import EventType, StartChildWorkflowExecutionFailedCause
from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.failure import Failure
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.parse.clock import time_of
from watchglass.parse.events.handler import Handler
from watchglass.parse.failure import parse_failure, timeout_type
from watchglass.parse.retry import retry_state_name
from watchglass.parse.run_state import RunState
from watchglass.parse.values import values_of

_CAUSES = {
    number: name.removeprefix("START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_").replace("_", " ").lower()
    for name, number in StartChildWorkflowExecutionFailedCause.items()
}


def _initiated(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.start_child_workflow_execution_initiated_event_attributes
    workflow_id = attributes.workflow_id
    unit = state.begin(event, event_id, ComponentKind.CHILD_WORKFLOW, attributes.workflow_type.name, workflow_id)
    unit.ref = (("childWorkflowId", workflow_id),)
    unit.task_queue = attributes.task_queue.name or None
    unit.input = values_of(attributes.input, event_id)
    unit.policy = state.policies.read(attributes.retry_policy)


def _start_failed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.start_child_workflow_execution_failed_event_attributes
    unit = state.finish(attributes.initiated_event_id, event, event_id, ComponentStatus.FAILED)
    if unit:
        cause = _CAUSES.get(attributes.cause, f"cause {attributes.cause}")
        message = f"The sub-workflow {attributes.workflow_id} could not be started: {cause}."
        unit.failure = Failure("server", "StartChildWorkflowFailed", message, "", False, None)


def _started(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.child_workflow_execution_started_event_attributes
    unit = state.follow(attributes.initiated_event_id, event_id)
    if unit is None:
        return
    unit.started_at = time_of(event)
    run_id = attributes.workflow_execution.run_id
    if run_id:
        unit.ref = (*unit.ref[:1], ("childRunId", run_id))


def _completed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.child_workflow_execution_completed_event_attributes
    unit = state.finish(attributes.initiated_event_id, event, event_id, ComponentStatus.COMPLETED)
    if unit:
        unit.output = values_of(attributes.result, event_id)


def _failed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.child_workflow_execution_failed_event_attributes
    unit = state.finish(attributes.initiated_event_id, event, event_id, ComponentStatus.FAILED)
    if unit:
        unit.retry_state = retry_state_name(attributes.retry_state)
        if attributes.HasField("failure"):
            unit.failure = parse_failure(attributes.failure)


def _canceled(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.child_workflow_execution_canceled_event_attributes
    unit = state.finish(attributes.initiated_event_id, event, event_id, ComponentStatus.CANCELLED)
    if unit:
        unit.output = values_of(attributes.details, event_id)


def _timed_out(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.child_workflow_execution_timed_out_event_attributes
    unit = state.finish(attributes.initiated_event_id, event, event_id, ComponentStatus.TIMED_OUT)
    if unit:
        unit.retry_state = retry_state_name(attributes.retry_state)
        # The event does not say which of its timeouts it was: named as a run that ran out of time names itself.
        unit.failure = Failure("timeout", "Timeout:RUN", "The sub-workflow ran out of time.", "", False, None)
        unit.timeout_type = timeout_type(unit.failure)


def _terminated(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.child_workflow_execution_terminated_event_attributes
    unit = state.finish(attributes.initiated_event_id, event, event_id, ComponentStatus.TERMINATED)
    if unit:
        unit.failure = Failure("terminated", "Terminated", "The sub-workflow was stopped by force.", "", False, None)


HANDLERS: dict[int, Handler] = {
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: _initiated,
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED: _start_failed,
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED: _started,
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED: _completed,
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED: _failed,
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED: _canceled,
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT: _timed_out,
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED: _terminated,
}
