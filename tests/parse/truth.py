"""A parsed run said in the words of a truth file, so that the two can be compared field by field."""

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from temporalio.api.common.v1 import Payloads

from watchglass.model.component import Component, Values
from watchglass.model.execution import Execution
from watchglass.model.failure import Failure
from watchglass.model.status import ComponentKind, ComponentStatus

_KINDS = {
    "activity": "activity",
    "application": "application",
    "timeout": "timeout",
    "cancelled": "canceled",
    "terminated": "terminated",
    "server": "server",
    "reset": "resetWorkflow",
    "child_workflow": "childWorkflowExecution",
    "nexus_operation": "nexusOperationExecution",
    "nexus_handler": "nexusHandler",
}
_OPEN = {ComponentStatus.RUNNING, ComponentStatus.PENDING, ComponentStatus.ABANDONED}


def micros(text: str | None) -> int | None:
    """A truth file's time, to microseconds."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(?:\.(\d+))?Z", text)
    assert match, text
    moment = datetime(*(int(part) for part in match.groups()[:6]), tzinfo=UTC)  # type: ignore[misc,arg-type]
    return int(moment.timestamp()) * 1_000_000 + int((match[7] or "0").ljust(9, "0")) // 1000


def of_kind(execution: Execution, kind: ComponentKind) -> list[Component]:
    return [unit for unit in execution.components if unit.kind is kind]


def status_word(unit: Component) -> str:
    if unit.status in _OPEN:
        return "OPEN"
    return {"cancelled": "CANCELED"}.get(unit.status, unit.status.upper())


def encodings(values: Values | None) -> list[str]:
    if values is None:
        return []
    return [item.metadata.get("encoding", b"").decode() for item in Payloads.FromString(values.data).payloads]


def chain(failure: Failure | None) -> list[dict[str, Any]]:
    links = []
    while failure is not None:
        link: dict[str, Any] = {"message": failure.message, "kind": _KINDS[failure.kind]}
        if failure.kind == "application":
            link |= {"type": failure.type, "non_retryable": failure.non_retryable}
        if failure.kind == "timeout":
            link["timeout_type"] = failure.type.removeprefix("Timeout:")
        if failure.encoded:
            link["encoded_attributes"] = True
        links.append(link)
        failure = failure.cause
    return links


def ref(unit: Component, key: str) -> str | None:
    return dict(unit.ref).get(key)


def activity(unit: Component) -> dict[str, Any]:
    return {
        "scheduled_event_id": unit.event_id,
        "activity_id": ref(unit, "activityId"),
        "type": unit.name,
        "status": status_word(unit),
        "attempts": unit.attempt,
        "scheduled_time": unit.scheduled_at,
        "started_time": unit.started_at,
        "closed_time": unit.completed_at,
        "closed_event_id": None if status_word(unit) == "OPEN" else unit.last_event_id,
        "failure": chain(unit.failure),
        "timeout_type": unit.timeout_type,
        "retry_state": unit.retry_state,
        "previous_attempt_failure": chain(unit.previous_failure),
        "cancel_requested": unit.cancel_requested,
        "maximum_attempts": unit.policy.maximum_attempts if unit.policy else 0,
        "input_encodings": encodings(unit.input),
        "result_encodings": encodings(unit.output) if unit.status is ComponentStatus.COMPLETED else [],
    }


def local_activity(unit: Component) -> dict[str, Any]:
    return {
        "marker_event_id": unit.event_id,
        "type": unit.name,
        "activity_id": ref(unit, "activityId"),
        "attempts": unit.attempt,
        "status": status_word(unit),
        "failure": chain(unit.failure),
        "time": unit.completed_at,
    }


def child(unit: Component) -> dict[str, Any]:
    start_failed = unit.status is ComponentStatus.FAILED and unit.started_at is None
    return {
        "initiated_event_id": unit.event_id,
        "workflow_id": ref(unit, "childWorkflowId"),
        "type": unit.name,
        "run_id": ref(unit, "childRunId"),
        "status": "START_FAILED" if start_failed else status_word(unit),
        "initiated_time": unit.scheduled_at,
        "started_time": unit.started_at,
        "closed_time": unit.completed_at,
        "failure": chain(unit.failure) if unit.status is ComponentStatus.FAILED and not start_failed else [],
    }


def timer(unit: Component) -> dict[str, Any]:
    return {
        "started_event_id": unit.event_id,
        "timer_id": ref(unit, "timerId"),
        "duration": round(unit.timer_duration_ms or 0, 6),
        "status": {"COMPLETED": "FIRED"}.get(status_word(unit), status_word(unit)),
        "started_time": unit.started_at,
        "closed_time": unit.completed_at,
    }


def nexus_operation(unit: Component) -> dict[str, Any]:
    return {
        "scheduled_event_id": unit.event_id,
        "endpoint": ref(unit, "endpoint"),
        "service": ref(unit, "service"),
        "operation": ref(unit, "operation"),
        "status": status_word(unit),
        "asynchronous": unit.started_at is not None,
        "scheduled_time": unit.scheduled_at,
        "started_time": unit.started_at,
        "closed_time": unit.completed_at,
        "cancel_requested": unit.cancel_requested,
        "failure": chain(unit.failure),
    }


def update(unit: Component) -> dict[str, Any]:
    return {
        "accepted_event_id": unit.event_id,
        "update_id": ref(unit, "updateId"),
        "name": unit.name,
        "status": status_word(unit),
        "accepted_time": unit.started_at,
        "completed_time": unit.completed_at,
        "failure": chain(unit.failure),
    }


def signal_received(unit: Component) -> dict[str, Any]:
    return {"event_id": unit.event_id, "name": unit.name, "time": unit.scheduled_at}


def signal_sent(unit: Component) -> dict[str, Any]:
    return {
        "initiated_event_id": unit.event_id,
        "name": unit.name,
        "to": ref(unit, "workflowId"),
        "delivered": unit.status is ComponentStatus.COMPLETED,
        "failed": unit.status is ComponentStatus.FAILED,
    }


PARTS = {
    "activities": (ComponentKind.ACTIVITY, activity),
    "local_activities": (ComponentKind.LOCAL_ACTIVITY, local_activity),
    "children": (ComponentKind.CHILD_WORKFLOW, child),
    "timers": (ComponentKind.TIMER, timer),
    "nexus_operations": (ComponentKind.NEXUS_OPERATION, nexus_operation),
    "updates": (ComponentKind.UPDATE, update),
    "signals_received": (ComponentKind.SIGNAL, signal_received),
    "signals_sent": (ComponentKind.EXTERNAL_SIGNAL, signal_sent),
}
_NOT_IN_MODEL = {"started_events", "marker", "start_failed_cause", "parent_close_policy"}
"""What a truth file holds for its own sake: how the event was written, not what the unit did."""


def expected(part: str, truth: dict[str, Any]) -> list[dict[str, Any]]:
    """The truth's units, with times and durations as numbers."""
    return [
        {key: _value(key, value) for key, value in unit.items() if key not in _NOT_IN_MODEL} for unit in truth[part]
    ]


def _value(key: str, value: Any) -> Any:
    if key == "time" or key.endswith("_time"):
        return micros(value)
    if key == "duration" and value is not None:
        return round(float(value.removesuffix("s")) * 1000, 6)
    if key in ("failure", "previous_attempt_failure"):
        return [{k: v for k, v in link.items() if k in _LINK_KEYS} for link in value]
    return value


def compared(fields: dict[str, Any], told: dict[str, Any] | None = None) -> dict[str, Any]:
    """The fields that can be compared with what we told.

    A truth file writes null where an old server left a field out that has a default, where the name of an
    update stands in another event, and for the encodings of payloads that the file holds decoded. Of a failure with
    encoded attributes it tells the message that stands in for the real one.
    """
    kept = {key: _said(fields[key]) for key in (told or fields)}
    for key in ("failure", "previous_attempt_failure"):
        if told and kept.get(key) and told.get(key) and len(kept[key]) == len(told[key]):
            kept[key] = [_readable(*links) for links in zip(kept[key], told[key], strict=True)]
    for key in _UNTOLD & kept.keys() if told else ():
        if kept[key] is None or (isinstance(kept[key], list) and None in kept[key]):
            kept[key] = _said((told or {})[key])
    return kept


def _readable(link: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """The truth's link; with our message where the attributes turned out to be readable without a codec."""
    if link.get("encoded_attributes") and "encoded_attributes" not in told:
        return {k: v for k, v in link.items() if k != "encoded_attributes"} | {"message": told["message"]}
    return link


def _said(value: Any) -> Any:
    return None if value in ("", 0) and not isinstance(value, bool) else value


_UNTOLD = {"name", "type", "status", "attempt", "input_encodings", "result_encodings"}
_LINK_KEYS = {"message", "kind", "type", "non_retryable", "timeout_type", "encoded_attributes"}


def workflow(execution: Execution) -> dict[str, Any]:
    status = "OPEN" if execution.status.is_open else execution.status.upper()
    failed = execution.failure is not None and status == "FAILED"
    return {
        "type": execution.type,
        "workflow_id": execution.ref.workflow_id or None,
        "first_run_id": execution.first_run_id,
        "continued_from_run_id": execution.continued_from,
        "continued_to_run_id": execution.continued_to,
        "attempt": execution.attempt,
        "parent_workflow_id": execution.parent.workflow_id if execution.parent else None,
        "status": {"CANCELLED": "CANCELED"}.get(status, status),
        "start_time": execution.started_at,
        "close_time": execution.closed_at,
        "input_encodings": encodings(execution.input),
        "failure": chain(execution.failure) if failed else [],
        "terminate_reason": execution.failure.message if status == "TERMINATED" and execution.failure else None,
    }


def expected_workflow(truth: dict[str, Any]) -> dict[str, Any]:
    told = {**truth["workflow"]}
    for key in ("start_time", "close_time"):
        told[key] = micros(told[key])
    told["failure"] = _value("failure", told["failure"])
    return told


def summary(execution: Execution) -> dict[str, Any]:
    activities = of_kind(execution, ComponentKind.ACTIVITY)
    return {
        "activities": len(activities),
        "activity_status": dict(Counter(status_word(unit) for unit in activities)),
        "activity_types": dict(Counter(unit.name for unit in activities)),
        "activity_attempts_total": sum(unit.attempt or 0 for unit in activities),
        "activities_retried": sum((unit.retries or 0) > 0 for unit in activities),
        "local_activities": len(of_kind(execution, ComponentKind.LOCAL_ACTIVITY)),
        "children": len(of_kind(execution, ComponentKind.CHILD_WORKFLOW)),
        "child_status": dict(Counter(child(u)["status"] for u in of_kind(execution, ComponentKind.CHILD_WORKFLOW))),
        "timers": len(of_kind(execution, ComponentKind.TIMER)),
        "timer_status": dict(Counter(timer(u)["status"] for u in of_kind(execution, ComponentKind.TIMER))),
        "nexus": len(of_kind(execution, ComponentKind.NEXUS_OPERATION)),
        "updates": len(of_kind(execution, ComponentKind.UPDATE)),
        "signals_received": len(of_kind(execution, ComponentKind.SIGNAL)),
    }
