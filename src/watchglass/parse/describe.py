"""The answer of DescribeWorkflowExecution to a `Described`. Enumerations stay numbers, so none can be
unknown."""

from dataclasses import replace

from temporalio.api.activity.v1 import ActivityOptions
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ApplicationErrorCategory
from temporalio.api.failure.v1 import Failure as FailureMessage
from temporalio.api.workflow.v1 import (
    PendingActivityInfo,
    PendingChildExecutionInfo,
    PendingNexusOperationInfo,
    PendingWorkflowTaskInfo,
    WorkflowExecutionInfo,
)
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from watchglass.model.described import (
    Described,
    PendingActivity,
    PendingChild,
    PendingNexusOperation,
    PendingWorkflowTask,
)
from watchglass.model.execution import RunRef
from watchglass.model.failure import Failure
from watchglass.model.pause import Pause
from watchglass.model.policy import RetryPolicy
from watchglass.parse.clock import micros
from watchglass.parse.failure import parse_failure
from watchglass.parse.policy import parse_policy
from watchglass.parse.search_attributes import read_text
from watchglass.parse.versioning import versioning_of

_BENIGN = ApplicationErrorCategory.APPLICATION_ERROR_CATEGORY_BENIGN

SCHEDULED_BY = "TemporalScheduledById"
"""The search attribute by which the server says that a schedule started the run."""


def parse_described(response: DescribeWorkflowExecutionResponse) -> Described:
    info = response.workflow_execution_info
    extended = response.workflow_extended_info
    attributes = {
        name: value.SerializeToString(deterministic=True)
        for name, value in info.search_attributes.indexed_fields.items()
    }
    return Described(
        ref=RunRef(info.execution.workflow_id, info.execution.run_id),
        type=info.type.name,
        status=info.status,
        started_at=micros(info.start_time),
        execution_at=micros(info.execution_time),
        closed_at=micros(info.close_time),
        history_length=info.history_length,
        history_bytes=info.history_size_bytes,
        task_queue=info.task_queue or response.execution_config.task_queue.name,
        first_run_id=info.first_run_id or None,
        parent=_ref(info.parent_execution),
        root=_root(info),
        memo={key: value.SerializeToString(deterministic=True) for key, value in info.memo.fields.items()},
        search_attributes=attributes,
        build_id=_build_id(info),
        deployment=info.versioning_info.deployment_version.deployment_name or info.worker_deployment_name or None,
        versioning=versioning_of(info.versioning_info.behavior),
        schedule_id=read_text(attributes.get(SCHEDULED_BY)),
        cancel_requested=extended.cancel_requested,
        reset_run_id=extended.reset_run_id or None,
        pending_activities=tuple(_activity(pending) for pending in response.pending_activities),
        pending_workflow_task=_task(response),
        pending_children=tuple(_child(pending) for pending in response.pending_children),
        pending_nexus_operations=tuple(_nexus(pending) for pending in response.pending_nexus_operations),
    )


def parse_kept(answer: bytes, *, at: int) -> Described:
    """A serialised answer of the moment `at`, together with itself: later rules may see more in it.

    Raises:
        DecodeError
    """
    return replace(
        parse_described(DescribeWorkflowExecutionResponse.FromString(answer)), described_at=at, answer=answer
    )


def _root(info: WorkflowExecutionInfo) -> RunRef | None:
    """The server names a run without a parent as its own root: that is none."""
    root = _ref(info.root_execution)
    return None if root is not None and root.run_id == info.execution.run_id else root


def _ref(message: WorkflowExecution) -> RunRef | None:
    return RunRef(message.workflow_id, message.run_id) if message.workflow_id else None


def _build_id(info: WorkflowExecutionInfo) -> str | None:
    return (
        info.versioning_info.deployment_version.build_id
        or info.assigned_build_id
        or info.most_recent_worker_version_stamp.build_id
        or None
    )


def _failure(has: bool, message: FailureMessage) -> Failure | None:
    return parse_failure(message) if has else None


def _activity(pending: PendingActivityInfo) -> PendingActivity:
    return PendingActivity(
        activity_id=pending.activity_id,
        type=pending.activity_type.name,
        state=pending.state,
        attempt=pending.attempt,
        maximum_attempts=pending.maximum_attempts,
        scheduled_at=micros(pending.scheduled_time),
        last_started_at=micros(pending.last_started_time),
        last_ended_at=micros(pending.last_attempt_complete_time),
        next_attempt_at=micros(pending.next_attempt_schedule_time),
        expires_at=micros(pending.expiration_time),
        last_failure=_failure(pending.HasField("last_failure"), pending.last_failure),
        heartbeat=pending.heartbeat_details.SerializeToString(deterministic=True) or None,
        last_heartbeat_at=micros(pending.last_heartbeat_time),
        worker=pending.last_worker_identity or None,
        paused=pending.paused,
        pause=_pause(pending.pause_info) if pending.HasField("pause_info") else None,
        policy=_policy(pending.activity_options),
        task_queue=pending.activity_options.task_queue.name or None,
        is_benign=pending.last_failure.application_failure_info.category == _BENIGN,
    )


def _pause(info: PendingActivityInfo.PauseInfo) -> Pause:
    told = info.rule if info.HasField("rule") else info.manual
    return Pause(micros(info.pause_time), told.identity or None, told.reason or None, info.rule.rule_id or None)


def _policy(options: ActivityOptions) -> RetryPolicy | None:
    return parse_policy(options.retry_policy) if options.HasField("retry_policy") else None


def _task(response: DescribeWorkflowExecutionResponse) -> PendingWorkflowTask | None:
    if not response.HasField("pending_workflow_task"):
        return None
    pending: PendingWorkflowTaskInfo = response.pending_workflow_task
    return PendingWorkflowTask(
        state=pending.state,
        attempt=pending.attempt,
        scheduled_at=micros(pending.scheduled_time),
        original_scheduled_at=micros(pending.original_scheduled_time),
        started_at=micros(pending.started_time),
    )


def _child(pending: PendingChildExecutionInfo) -> PendingChild:
    ref = RunRef(pending.workflow_id, pending.run_id)
    return PendingChild(ref, pending.workflow_type_name, pending.initiated_id)


def _nexus(pending: PendingNexusOperationInfo) -> PendingNexusOperation:
    return PendingNexusOperation(
        scheduled_event_id=pending.scheduled_event_id,
        state=pending.state,
        attempt=pending.attempt,
        next_attempt_at=micros(pending.next_attempt_schedule_time),
        last_failure=_failure(pending.HasField("last_attempt_failure"), pending.last_attempt_failure),
        blocked_reason=pending.blocked_reason,
    )
