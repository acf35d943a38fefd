"""What a run, and the queue it waits on, look like right now."""

from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
)

from watchglass.temporal.access import Access, CallKind

WORKFLOW_TASKS = 1
ACTIVITY_TASKS = 2


async def describe_run(access: Access, workflow_id: str, run_id: str = "") -> DescribeWorkflowExecutionResponse:
    """Describe one run; without `run_id` the newest one of the workflow id."""
    request = DescribeWorkflowExecutionRequest(
        namespace=access.namespace, execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id)
    )
    which = f"run {run_id}" if run_id else "its newest run"
    return await access.ask(
        CallKind.HISTORY,
        access.service.describe_workflow_execution,
        request,
        subject=f"workflow {workflow_id!r} ({which})",
    )


@dataclass(frozen=True, slots=True)
class Polls:
    """What a server says of the workers that ask a task queue for work."""

    is_polled: bool
    """A worker has asked in the last minutes (five, as servers come)."""
    newest_at: datetime | None
    """When one last asked, by the server's clock."""


async def read_polls(access: Access, task_queue: str, kind: int = WORKFLOW_TASKS) -> Polls:
    request = DescribeTaskQueueRequest(
        namespace=access.namespace, task_queue=TaskQueue(name=task_queue), report_pollers=True
    )
    request.task_queue_type = kind  # type: ignore[assignment]
    answer = await access.ask(
        CallKind.HISTORY, access.service.describe_task_queue, request, subject=f"task queue {task_queue!r}"
    )
    known = (poller for poller in answer.pollers if poller.HasField("last_access_time"))
    moments = [poller.last_access_time.ToDatetime(UTC) for poller in known]
    return Polls(len(answer.pollers) > 0, max(moments, default=None))
