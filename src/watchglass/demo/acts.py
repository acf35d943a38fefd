"""What people do to a run: pay, decide, cancel, terminate, pause.

Each leaves a run alone that is not running any more, because the demo may have been stopped and started in between.
"""

import asyncio
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest, PauseWorkflowExecutionRequest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from watchglass.demo.approvals import Decision, ExpenseApproval
from watchglass.demo.prepare import CALL
from watchglass.demo.scene import Act, Handle

IDENTITY = "Ines Moreau, office"
"""Who pauses runs."""


def signal(name: str, content: Any, *, after: float) -> Act:
    """Send a signal after some seconds."""

    async def act(client: Client, handle: Handle) -> None:
        await asyncio.sleep(after)
        if await _is_running(client, handle):
            await _unless_closed(handle.signal(name, content, rpc_timeout=CALL))

    return act


def decide(*decisions: Decision, after: float) -> Act:
    """Decide about an expense; a decision may be refused, then the next one is made."""

    async def act(client: Client, handle: Handle) -> None:
        for decision in decisions:
            await asyncio.sleep(after)
            if await _is_running(client, handle):
                await _decide(handle, decision)

    return act


def cancel(*, after: float) -> Act:
    """Ask the run to cancel itself."""

    async def act(client: Client, handle: Handle) -> None:
        await asyncio.sleep(after)
        if await _is_running(client, handle):
            await _unless_closed(handle.cancel(rpc_timeout=CALL))

    return act


def terminate(*, after: float, reason: str) -> Act:
    """Stop the run by force."""

    async def act(client: Client, handle: Handle) -> None:
        await asyncio.sleep(after)
        if await _is_running(client, handle):
            await _unless_closed(handle.terminate(reason=reason, rpc_timeout=CALL))

    return act


def pause(*, after: float, reason: str) -> Act:
    """Pause the run. The server has to be started with frontend.WorkflowPauseEnabled=true."""

    async def act(client: Client, handle: Handle) -> None:
        await asyncio.sleep(after)
        if await _is_running(client, handle):
            await _unless_closed(_pause(client, handle, reason))

    return act


async def _pause(client: Client, handle: Handle, reason: str) -> None:
    request = PauseWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_id=handle.id,
        identity=IDENTITY,
        reason=reason,
        request_id=f"pause-{handle.id}",
    )
    await client.workflow_service.pause_workflow_execution(request, timeout=CALL)


async def _decide(handle: Handle, decision: Decision) -> None:
    try:
        await _unless_closed(handle.execute_update(ExpenseApproval.decide, decision))
    except WorkflowUpdateFailedError:
        return  # Refused by the workflow's own check: part of the story.


async def _is_running(client: Client, handle: Handle) -> bool:
    # The SDK's own describe breaks on a paused run (temporalio 1.35 does not know status 8).
    request = DescribeWorkflowExecutionRequest(
        namespace=client.namespace, execution=WorkflowExecution(workflow_id=handle.id)
    )
    found = await client.workflow_service.describe_workflow_execution(request, timeout=CALL)
    return found.workflow_execution_info.status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING


async def _unless_closed(call: Any) -> None:
    """Make the call; a run that has closed in between needs it no more."""
    try:
        await call
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
