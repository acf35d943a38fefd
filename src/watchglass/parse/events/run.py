"""The run itself: how it started, what happened to it, how it ended."""

from collections.abc import Mapping, Sequence

from temporalio.api.common.v1 import Callback, Payload, WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent, WorkflowExecutionStartedEventAttributes

from watchglass.model.execution import Caller, RunRef, Timeouts
from watchglass.model.failure import Failure
from watchglass.model.journal import MEMO_JOURNAL
from watchglass.model.status import ExecutionStatus
from watchglass.parse.built import is_built, journaled
from watchglass.parse.clock import millis_or_none, time_of
from watchglass.parse.events.cause import unit_at_fault
from watchglass.parse.events.handler import Handler, ignore
from watchglass.parse.failure import parse_failure
from watchglass.parse.links import caller_in
from watchglass.parse.run_state import RunState
from watchglass.parse.values import values_of

_RESETTER = "history-resetter"
"""As what the server itself stops the open run of a workflow id when one of its runs is reset."""


def _started(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_execution_started_event_attributes
    state.workflow_id = attributes.workflow_id
    state.original_run_id = attributes.original_execution_run_id
    state.type = attributes.workflow_type.name
    state.task_queue = attributes.task_queue.name
    state.first_at = time_of(event)
    state.attempt = attributes.attempt
    state.input = values_of(attributes.input, event_id)
    state.parent = run_ref(attributes.parent_workflow_execution)
    state.root = run_ref(attributes.root_workflow_execution)
    state.first_run_id = attributes.first_execution_run_id or None
    state.continued_from = attributes.continued_execution_run_id or None
    state.initiator = attributes.initiator
    state.called_by = _caller(event, attributes.completion_callbacks)
    state.timeouts = _timeouts(attributes)
    _merge(state.memo, attributes.memo.fields)
    state.is_built = is_built(state.memo)
    _merge(state.search_attributes, attributes.search_attributes.indexed_fields)
    state.note(event, "started", state.first_at, attributes.identity)


def _caller(event: HistoryEvent, callbacks: Sequence[Callback]) -> Caller | None:
    """Servers link a run to the operation that started it through the callback that will bring its result back."""
    return caller_in([*event.links, *(link for callback in callbacks for link in callback.links)])


def run_ref(message: WorkflowExecution) -> RunRef | None:
    return RunRef(message.workflow_id, message.run_id) if message.workflow_id else None


def _timeouts(attributes: WorkflowExecutionStartedEventAttributes) -> Timeouts:
    return Timeouts(
        execution_ms=millis_or_none(attributes.workflow_execution_timeout),
        run_ms=millis_or_none(attributes.workflow_run_timeout),
        task_ms=millis_or_none(attributes.workflow_task_timeout),
    )


def _merge(known: dict[str, bytes], fields: Mapping[str, Payload]) -> None:
    """Set what is given; a null payload takes the key away."""
    for key, payload in fields.items():
        if payload.metadata.get("encoding") == b"binary/null" or payload.data in (b"", b"null"):
            known.pop(key, None)
        else:
            known[key] = payload.SerializeToString(deterministic=True)


def _close(state: RunState, event: HistoryEvent, status: ExecutionStatus, next_run_id: str) -> None:
    state.closed = status
    state.closed_at = time_of(event)
    state.closed_by = event.event_id
    if next_run_id:
        state.continued_to = next_run_id
        state.note(event, "carried_on", state.closed_at, None, next_run_id)


def _completed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_execution_completed_event_attributes
    state.note(event, "completed", time_of(event))
    _close(state, event, ExecutionStatus.COMPLETED, attributes.new_execution_run_id)
    state.result = values_of(attributes.result, event_id)


def _failed(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_execution_failed_event_attributes
    state.failure = parse_failure(attributes.failure)
    state.failed_unit = unit_at_fault(state, attributes.failure)
    state.note(event, "failed", time_of(event), None, state.failure.message)
    _close(state, event, ExecutionStatus.FAILED, attributes.new_execution_run_id)


def _timed_out(state: RunState, event: HistoryEvent, event_id: int) -> None:
    state.failure = Failure("timeout", "Timeout:RUN", "The workflow ran out of time.", "", False, None)
    state.note(event, "timed_out", time_of(event))
    next_run_id = event.workflow_execution_timed_out_event_attributes.new_execution_run_id
    _close(state, event, ExecutionStatus.TIMED_OUT, next_run_id)


def _canceled(state: RunState, event: HistoryEvent, event_id: int) -> None:
    state.note(event, "cancelled", time_of(event))
    _close(state, event, ExecutionStatus.CANCELLED, "")
    state.result = values_of(event.workflow_execution_canceled_event_attributes.details, event_id)


def _terminated(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_execution_terminated_event_attributes
    state.failure = Failure("terminated", "Terminated", attributes.reason, "", False, None)
    state.note(event, "terminated", time_of(event), attributes.identity, attributes.reason)
    _close(state, event, ExecutionStatus.TERMINATED, "")
    state.stopped_by_reset = attributes.identity == _RESETTER
    state.result = values_of(attributes.details, event_id)


def _continued_as_new(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_execution_continued_as_new_event_attributes
    state.note(event, "continued_as_new", time_of(event), None, attributes.new_execution_run_id)
    _close(state, event, ExecutionStatus.CONTINUED_AS_NEW, "")
    state.continued_to = attributes.new_execution_run_id or None


def _cancel_requested(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_execution_cancel_requested_event_attributes
    by = attributes.identity or attributes.external_workflow_execution.workflow_id
    state.note(event, "cancel_requested", time_of(event), by, attributes.cause)


def _paused(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_execution_paused_event_attributes
    state.paused = True
    state.note(event, "paused", time_of(event), attributes.identity, attributes.reason)


def _unpaused(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_execution_unpaused_event_attributes
    state.paused = False
    state.note(event, "unpaused", time_of(event), attributes.identity, attributes.reason)


def _options_updated(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_execution_options_updated_event_attributes
    # An operation may be given to a run that is there already.
    state.called_by = state.called_by or _caller(event, attributes.attached_completion_callbacks)
    state.note(event, "options_updated", time_of(event), attributes.identity)


def _search_attributes_set(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.upsert_workflow_search_attributes_event_attributes
    _merge(state.search_attributes, attributes.search_attributes.indexed_fields)


def _memo_set(state: RunState, event: HistoryEvent, event_id: int) -> None:
    fields = event.workflow_properties_modified_event_attributes.upserted_memo.fields
    _merge(state.memo, fields)
    if state.is_built and MEMO_JOURNAL in fields:
        state.journal += journaled(fields[MEMO_JOURNAL], event_id, time_of(event))


def _properties_set(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.workflow_properties_modified_externally_event_attributes
    _merge(state.memo, attributes.upserted_memo.fields)
    state.task_queue = attributes.new_task_queue or state.task_queue


HANDLERS: dict[int, Handler] = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: _started,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: _completed,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: _failed,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: _timed_out,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: _canceled,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: _terminated,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: _continued_as_new,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED: _cancel_requested,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_PAUSED: _paused,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UNPAUSED: _unpaused,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED: _options_updated,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: _search_attributes_set,
    EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED: _memo_set,
    EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED_EXTERNALLY: _properties_set,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED: ignore,
}
