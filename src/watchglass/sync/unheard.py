"""Whether what an activity answered went nowhere.

An answer that a server did not take, because it was away or had given the attempt up by then, is told to nobody: not to
the workflow, and not to the process that gave it. The server asks again, with another attempt.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryReverseRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

_CALL = timedelta(seconds=2)
_EVENTS = 100


def answer_is_lost() -> Callable[[], Awaitable[bool]]:
    """A question about the activity in whose context this is called: was another attempt asked, or is its run gone?

    While the server does not answer, nothing is lost.
    """
    client, info = activity.client(), activity.info()

    async def is_lost() -> bool:
        try:
            return await _attempt_asked(client, info) != info.attempt
        except RPCError as error:
            return error.status is RPCStatusCode.NOT_FOUND

    return is_lost


async def _attempt_asked(client: Client, info: activity.Info) -> int | None:
    """The attempt that the server waits for, or whose end it has taken."""
    assert info.workflow_id is not None
    run = WorkflowExecution(workflow_id=info.workflow_id, run_id=info.workflow_run_id or "")
    # Not by a handle, which asks again and again while the server is away.
    described = await client.workflow_service.describe_workflow_execution(
        DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=run), timeout=_CALL
    )
    for pending in described.pending_activities:
        if pending.activity_id == info.activity_id:
            return pending.attempt
    # A history tells of an attempt when it has ended.
    attempts: dict[int, int] = {}
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace, execution=run, maximum_page_size=_EVENTS
    )
    while True:
        page = await client.workflow_service.get_workflow_execution_history_reverse(request, timeout=_CALL)
        for event in page.history.events:
            if event.HasField("activity_task_started_event_attributes"):
                started = event.activity_task_started_event_attributes
                attempts[started.scheduled_event_id] = started.attempt
            elif event.activity_task_scheduled_event_attributes.activity_id == info.activity_id:
                return attempts.get(event.event_id)
        if not page.next_page_token:
            return None
        request.next_page_token = page.next_page_token
