"""Workflow tasks: what a worker did with the workflow's own code."""

from temporalio.api.enums.v1 import EventType, TimeoutType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent

from watchglass.parse.clock import time_of
from watchglass.parse.events.handler import Handler
from watchglass.parse.failure import parse_failure, surface_error, timeout_name
from watchglass.parse.run_state import RunState

_CAUSES = {
    number: name.removeprefix("WORKFLOW_TASK_FAILED_CAUSE_") if number else ""
    for name, number in WorkflowTaskFailedCause.items()
}
_HARMLESS = frozenset(
    {
        WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
        WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_STICKY_TASK_QUEUE,
        WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
        WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FAILOVER_CLOSE_COMMAND,
    }
)
"""Causes that the server resolves by itself: the worker's code did nothing wrong."""


def _scheduled(state: RunState, event: HistoryEvent, event_id: int) -> None:
    state.task_scheduled = event_id


def _started(state: RunState, event: HistoryEvent, event_id: int) -> None:
    state.task_started = event_id


def _completed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    state.previous_task_completed = state.task_completed
    state.task_completed = event_id
    state.task_worker = event


def _timed_out(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_task_timed_out_event_attributes
    name = timeout_name(attributes.timeout_type)
    state.note(event, "workflow_task_timed_out", time_of(event), None, name)
    if attributes.timeout_type == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE:
        state.task_failed = event_id
        state.task_failure = "the worker took a task and never answered"


def _failed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_task_failed_event_attributes
    cause = _CAUSES.get(attributes.cause, str(attributes.cause))
    message = surface_error(parse_failure(attributes.failure))[1] if attributes.HasField("failure") else None
    if attributes.cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW:
        state.reset_at = event_id
        state.reset_run_id = attributes.new_run_id
        state.reset_from = attributes.base_run_id
        state.note(event, "reset", time_of(event), attributes.identity, message)
        return
    reason = ": ".join(part for part in (cause, message) if part)
    state.note(event, "workflow_task_failed", time_of(event), attributes.identity, reason)
    if attributes.cause not in _HARMLESS:
        state.task_failed = event_id
        state.task_failure = message or cause.replace("_", " ").lower()


HANDLERS: dict[int, Handler] = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED: _scheduled,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED: _started,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED: _completed,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT: _timed_out,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED: _failed,
}
