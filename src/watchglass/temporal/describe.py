"""What a run, and the queue it waits on, look like right now."""

from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
)

from watchglass.temporal.access import Access, CallKind

WORKFLOW_TASKS = 1
ACTIVITY_TASKS = 2
_SLOW_PER_SECOND = 0.1
"""A queue that its workers want handed out more slowly looks as if nobody took from it."""


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
class Backlog:
    """The tasks that wait in a queue."""

    waits_seconds: float
    """How long the one that waits longest has, by the server's clock; 0: none waits."""
    is_added: bool
    """A task came into the queue in the last half a minute, other than those that a worker has for itself."""
    is_handed_out: bool
    """A worker has taken a task in the last half a minute."""
    is_held_back: bool
    """The server hands tasks out slowly because somebody told it to."""


@dataclass(frozen=True, slots=True)
class Polls:
    """What a server says of the workers that ask a task queue for work."""

    is_polled: bool
    """A worker has asked in the last minutes (five, as servers come)."""
    newest_at: datetime | None
    """When one last asked, by the server's clock."""
    backlog: Backlog | None = None
    """None: the server does not count what waits, as older ones do not."""


async def read_polls(access: Access, task_queue: str, kind: int = WORKFLOW_TASKS) -> Polls:
    request = DescribeTaskQueueRequest(
        namespace=access.namespace, task_queue=TaskQueue(name=task_queue), report_pollers=True, report_stats=True
    )
    request.task_queue_type = kind  # type: ignore[assignment]
    answer = await access.ask(
        CallKind.HISTORY, access.service.describe_task_queue, request, subject=f"task queue {task_queue!r}"
    )
    known = (poller for poller in answer.pollers if poller.HasField("last_access_time"))
    moments = [poller.last_access_time.ToDatetime(UTC) for poller in known]
    return Polls(len(answer.pollers) > 0, max(moments, default=None), _backlog(answer))


def _backlog(answer: DescribeTaskQueueResponse) -> Backlog | None:
    if not answer.HasField("stats"):
        return None
    stats = answer.stats
    return Backlog(
        waits_seconds=stats.approximate_backlog_age.ToTimedelta().total_seconds(),
        is_added=stats.tasks_add_rate > 0,
        is_handed_out=stats.tasks_dispatch_rate > 0,
        is_held_back=stats.rate_limiting_active or any(map(_asks_slowly, answer.pollers)),
    )


def _asks_slowly(poller: PollerInfo) -> bool:
    return 0 < poller.rate_per_second < _SLOW_PER_SECOND
