"""What a run, and the queue it waits on, look like right now."""

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
)
from temporalio.service import WorkflowService

from watchglass.temporal.call import call

WORKFLOW_TASKS = 1
ACTIVITY_TASKS = 2


async def describe_run(
    service: WorkflowService, namespace: str, workflow_id: str, run_id: str = ""
) -> DescribeWorkflowExecutionResponse:
    """Describe one run; without `run_id` the newest one of the workflow id."""
    request = DescribeWorkflowExecutionRequest(
        namespace=namespace, execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id)
    )
    which = f"run {run_id}" if run_id else "its newest run"
    return await call(service.describe_workflow_execution, request, subject=f"workflow {workflow_id!r} ({which})")


async def has_pollers(service: WorkflowService, namespace: str, task_queue: str, kind: int = WORKFLOW_TASKS) -> bool:
    """Has any worker asked this task queue for work in the last minutes?"""
    request = DescribeTaskQueueRequest(namespace=namespace, task_queue=TaskQueue(name=task_queue), report_pollers=True)
    request.task_queue_type = kind  # type: ignore[assignment]
    answer = await call(service.describe_task_queue, request, subject=f"task queue {task_queue!r}")
    return len(answer.pollers) > 0
