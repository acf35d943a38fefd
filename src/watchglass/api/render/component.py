"""Component executions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from watchglass.api.render.attempts import render_attempts
from watchglass.api.render.failure import render_failure
from watchglass.api.render.payload import INLINE_BYTES, is_elsewhere, render_payloads, render_values
from watchglass.api.render.times import time_of
from watchglass.api.shapes.component import ComponentExecution, ComponentExecutionDetails, Pause, RetryPolicy
from watchglass.api.shapes.execution import HandlerLink
from watchglass.api.shapes.payload import Payload
from watchglass.model.attempt import Attempt
from watchglass.model.component import Component, Values
from watchglass.model.pause import Pause as PauseValue
from watchglass.model.policy import RetryPolicy as RetryPolicyValue
from watchglass.model.status import ComponentKind
from watchglass.model.verdict import is_expected_retry, verdict_of
from watchglass.parse.failure import surface_error
from watchglass.parse.retry import explain


def render_component(
    component: Component,
    *,
    execution_id: UUID | None,
    child_execution_id: UUID | None = None,
    handler_execution_id: UUID | None = None,
    limit: int | None = INLINE_BYTES,
) -> ComponentExecution:
    """A line of the component list; `limit` bytes of text for each value, None for all of it."""
    return ComponentExecution(
        **_fields(component, execution_id, child_execution_id, limit),
        handled_by=_handler(component, handler_execution_id),
    )


def render_component_details(
    component: Component,
    *,
    execution_id: UUID | None,
    child_execution_id: UUID | None = None,
    handler_execution_id: UUID | None = None,
    observed: Sequence[Attempt] = (),
) -> ComponentExecutionDetails:
    """The whole of it: full values, failures and attempts."""
    return ComponentExecutionDetails(
        **_fields(component, execution_id, child_execution_id, None),
        handled_by=_handler(component, handler_execution_id),
        failure=render_failure(component.failure),
        previous_failure=render_failure(component.previous_failure),
        attempts=render_attempts(component, observed),
    )


def _handler(component: Component, execution_id: UUID | None) -> HandlerLink | None:
    if component.kind is not ComponentKind.NEXUS_OPERATION:
        return None
    ref = dict(component.ref)
    if "handlerRunId" not in ref:
        return None
    return HandlerLink(
        namespace=ref["handlerNamespace"],
        execution_id=None if execution_id is None else str(execution_id),
        temporal_workflow_id=ref["handlerWorkflowId"],
        temporal_run_id=ref["handlerRunId"],
    )


def render_policy(policy: RetryPolicyValue | None) -> RetryPolicy | None:
    if policy is None:
        return None
    return RetryPolicy(
        initial_interval_ms=policy.initial_interval_ms,
        backoff_coefficient=policy.backoff_coefficient,
        maximum_interval_ms=policy.maximum_interval_ms,
        maximum_attempts=policy.maximum_attempts,
        non_retryable_error_types=list(policy.non_retryable_error_types),
    )


def _fields(
    component: Component, execution_id: UUID | None, child_execution_id: UUID | None, limit: int | None
) -> dict[str, Any]:
    return {
        **_identity(component, execution_id, child_execution_id),
        **_times(component),
        **_values(component, limit),
        **_retries(component),
        "pause": _pause(component.pause),
        "timer_duration_ms": component.timer_duration_ms,
        "cancel_requested": component.cancel_requested,
        "copied": component.copied,
        "task_queue": component.task_queue,
        "worker": component.worker,
    }


def _identity(component: Component, execution_id: UUID | None, child_execution_id: UUID | None) -> dict[str, Any]:
    return {
        "id": f"{execution_id}:{component.event_id}",
        "event_id": component.event_id,
        "node_id": component.node_id,
        "occurrence": component.occurrence,
        "component_name": component.name,
        "display_name": component.display_name,
        "kind": component.kind,
        "status": component.status,
        "iteration": list(component.iteration) if component.iteration else None,
        "ref": dict(component.ref),
        "child_execution_id": None if child_execution_id is None else str(child_execution_id),
    }


def _times(component: Component) -> dict[str, Any]:
    clocks = component.clocks
    return {
        "scheduled_at": time_of(component.scheduled_at),
        "started_at": time_of(component.started_at),
        "completed_at": time_of(component.completed_at),
        "last_heartbeat_at": time_of(component.last_heartbeat_at),
        "next_attempt_at": time_of(component.next_attempt_at),
        "duration_ms": clocks.duration_ms,
        "queue_ms": clocks.queue_ms,
        "execution_ms": clocks.execution_ms,
        "retry_ms": clocks.retry_ms,
        "waiting_ms": clocks.waiting_ms,
        "clock_skew": clocks.skew,
    }


def _pause(pause: PauseValue | None) -> Pause | None:
    return None if pause is None else Pause(at=time_of(pause.at), by=pause.by, reason=pause.reason, rule=pause.rule)


def _values(component: Component, limit: int | None) -> dict[str, Any]:
    given = render_values(component.input, limit=limit)
    result = render_values(component.output, limit=limit)
    return {
        "input": given,
        "output": result,
        "input_truncated": _is_truncated(component.input, given),
        "output_truncated": _is_truncated(component.output, result),
        "input_bytes": component.input.size if component.input else 0,
        "output_bytes": component.output.size if component.output else 0,
        "heartbeat": render_payloads(component.heartbeat, limit=limit),
    }


def _is_truncated(values: Values | None, rendered: list[Payload] | None) -> bool:
    return is_elsewhere(values) or any(payload.truncated for payload in rendered or ())


def _retries(component: Component) -> dict[str, Any]:
    error_type, error_message = surface_error(component.shown_failure)
    return {
        "error_type": error_type,
        "error_message": error_message,
        "attempt": component.attempt,
        "retry_count": component.retries,
        "retry_verdict": verdict_of(component.reason),
        "retry_reason": component.reason,
        "is_expected_retry": is_expected_retry(component.reason, component.retries),
        "retry_explanation": explain(component) if component.reason else None,
        "retry_policy": render_policy(component.policy),
        "chosen_policy": render_policy(component.choice.policy if component.choice else None),
        "policy_differs": component.policy_differs,
        "retry_state": component.retry_state,
        "timeout_type": component.timeout_type,
    }
