"""What Watchglass's own workflows were doing when something had not become right: for whoever looks for the reason."""

from collections.abc import Iterator

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse
from temporalio.client import Client

from watchglass.store.scope import Store


async def explain(store: Store, control: Client) -> list[str]:
    """The runs that are not final though they have ended or failed to be copied, and every open workflow of ours."""
    async with store.write() as reader:
        rows = await reader.fetch(
            "SELECT id, temporal_workflow_id, status, sync_status, sync_error, sync_failures, is_final, "
            "next_sync_at - clock_timestamp() AS due_in FROM workflow_executions "
            "WHERE sync_status <> 'synced' OR (NOT is_final AND closed_at IS NOT NULL)"
        )
    said = [f"row {dict(row)}" for row in rows]
    async for run in control.list_workflows("ExecutionStatus = 'Running'"):
        said.append(f"{run.id}: {await pending_of(control, run.id, run.run_id)}")
    return said


async def pending_of(control: Client, workflow_id: str, run_id: str) -> str:
    """What an open workflow of ours waits for, in words."""
    answer = await control.workflow_service.describe_workflow_execution(
        DescribeWorkflowExecutionRequest(
            namespace=control.namespace, execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id)
        )
    )
    return ", ".join(_pending(answer)) or "nothing pending"


def _pending(answer: DescribeWorkflowExecutionResponse) -> Iterator[str]:
    if answer.HasField("pending_workflow_task"):
        task = answer.pending_workflow_task
        yield (
            f"workflow task attempt {task.attempt}, scheduled {task.scheduled_time.ToJsonString()}, "
            f"started {task.started_time.ToJsonString() if task.HasField('started_time') else 'not'}"
        )
    for pending in answer.pending_activities:
        state = PendingActivityState.Name(pending.state).removeprefix("PENDING_ACTIVITY_STATE_")
        yield (
            f"{pending.activity_type.name} {state} attempt {pending.attempt}, started "
            f"{pending.last_started_time.ToJsonString()}, heartbeat {pending.last_heartbeat_time.ToJsonString()}, "
            f"{pending.last_failure.message[:120]}"
        )
