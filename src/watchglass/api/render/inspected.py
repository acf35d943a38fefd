"""A history that was read from a file, in the shapes of the API: what `watchglass inspect --json` prints."""

from typing import Any
from uuid import UUID

from watchglass.api.render.component import render_component_details
from watchglass.api.render.failure import render_failure
from watchglass.api.render.payload import render_memo, render_search_attributes, render_values
from watchglass.api.render.times import time_of
from watchglass.api.shapes.execution import (
    CallerLink,
    ChainLink,
    CurrentStep,
    ExecutionDetails,
    FailedStep,
    LifecycleEvent,
    RunLink,
    RunTimeouts,
)
from watchglass.model.execution import Caller, Execution, RunRef
from watchglass.model.execution import LifecycleEvent as LifecycleValue
from watchglass.model.execution import Timeouts as TimeoutsValue
from watchglass.model.status import DetailState, SyncStatus
from watchglass.model.tally import tally
from watchglass.parse.failure import surface_error

STEP_STATUSES = 24
_DATABASE_IDS = ("id", "workflowId", "projectId", "connectionId")
_NOBODY = UUID(int=0)


def inspected(execution: Execution, *, namespace: str = "", history_bytes: int = 0) -> dict[str, Any]:
    """`{"execution": …, "components": […]}`, ready for JSON; ids that only a database gives are null."""
    details = _details(execution, namespace, history_bytes).model_dump(mode="json")
    components = [
        render_component_details(component, execution_id=_NOBODY).model_dump(mode="json")
        for component in execution.components
    ]
    return {
        "execution": details | dict.fromkeys(_DATABASE_IDS),
        "components": [component | {"id": None} for component in components],
    }


def _details(execution: Execution, namespace: str, history_bytes: int) -> ExecutionDetails:
    return ExecutionDetails(
        **_summary(execution),
        **_links(execution),
        project_id="",
        connection_id="",
        namespace=namespace,
        input=render_values(execution.input, limit=None),
        result=render_values(execution.result, limit=None),
        failure=render_failure(execution.failure),
        lifecycle=[render_lifecycle(event) for event in execution.lifecycle],
        memo=render_memo(execution.memo),
        search_attributes=render_search_attributes(execution.search_attributes),
        schedule_id=execution.schedule_id,
        attempt=execution.attempt,
        build_id=execution.build_id,
        deployment=execution.deployment,
        versioning=execution.versioning,
        origin=execution.origin,
        stopped_by_reset=execution.stopped_by_reset,
        called_by=_caller(execution.called_by),
        timeouts=render_timeouts(execution.timeouts),
        history_length=execution.last_event_id,
        history_bytes=history_bytes,
        unknown_event_count=sum(execution.unknown_events.values()),
        codec_address=None,
        decode_error=None,
        temporal_url=None,
    )


def _summary(execution: Execution) -> dict[str, Any]:
    counts = tally(execution.components)
    error_type, error_message = surface_error(execution.failure)
    step = execution.failed_step or execution.current_step
    return {
        "id": "",
        "workflow_id": "",
        "workflow_name": execution.type,
        "version": execution.built.version if execution.built else None,
        "temporal_workflow_id": execution.ref.workflow_id,
        "temporal_run_id": execution.ref.run_id,
        "status": execution.status,
        "phase": execution.phase,
        "problem": execution.problem,
        "problem_detail": execution.problem_detail,
        "problem_since": None,
        "started_at": time_of(execution.started_at),
        "closed_at": time_of(execution.closed_at),
        "duration_ms": execution.duration_ms,
        "task_queue": execution.task_queue,
        "component_count": counts.components,
        "failed_component_count": counts.failed,
        "retry_count": counts.retries,
        "unexpected_retry_count": counts.unexpected_retries,
        "unexpected_failure_count": counts.unexpected_failures,
        "error_message": error_message,
        "error_type": error_type,
        "current_or_failed_step": step.display_name if step else None,
        "current_step": _current_step(execution),
        "failed_step": _failed_step(execution),
        "step_statuses": [component.status for component in execution.components[:STEP_STATUSES]],
        "detail_state": DetailState.COMPLETE,
        # Nobody has ever synced it.
        "sync_status": SyncStatus.PENDING,
        "synced_at": None,
    }


def _links(execution: Execution) -> dict[str, Any]:
    return {
        "parent": _run_link(execution.parent),
        "root": _run_link(execution.root),
        "chain": _chain(execution),
        "is_retried": execution.is_retried,
        "superseded_by": execution.superseded_by,
    }


def _run_link(ref: RunRef | None) -> RunLink | None:
    if ref is None:
        return None
    return RunLink(execution_id=None, temporal_workflow_id=ref.workflow_id, temporal_run_id=ref.run_id)


def _caller(caller: Caller | None) -> CallerLink | None:
    if caller is None:
        return None
    return CallerLink(
        namespace=caller.namespace,
        execution_id=None,
        temporal_workflow_id=caller.ref.workflow_id,
        temporal_run_id=caller.ref.run_id,
        event_id=caller.event_id,
    )


def _chain(execution: Execution) -> list[ChainLink]:
    this = execution.ref.run_id
    others: list[tuple[Any, str | None]] = [
        ("first", None if execution.first_run_id == this else execution.first_run_id),
        ("previous", execution.continued_from),
        ("next", execution.continued_to),
        ("replacement", execution.superseded_by),
    ]
    return [
        ChainLink(relation=relation, execution_id=None, temporal_run_id=run_id, status=None, started_at=None)
        for relation, run_id in others
        if run_id
    ]


def _current_step(execution: Execution) -> CurrentStep | None:
    step = execution.current_step
    if step is None:
        return None
    return CurrentStep(
        event_id=step.event_id, display_name=step.display_name, attempt=step.attempt, is_paused=step.is_paused
    )


def _failed_step(execution: Execution) -> FailedStep | None:
    step = execution.failed_step
    if step is None:
        return None
    return FailedStep(event_id=step.event_id, node_id=step.node_id, display_name=step.display_name)


def render_lifecycle(event: LifecycleValue) -> LifecycleEvent:
    return LifecycleEvent(
        event_id=event.event_id,
        type=event.type,
        at=time_of(event.at),
        by=event.by,
        reason=event.reason,
    )


def render_timeouts(timeouts: TimeoutsValue) -> RunTimeouts:
    return RunTimeouts(execution_ms=timeouts.execution_ms, run_ms=timeouts.run_ms, task_ms=timeouts.task_ms)
