"""What a namespace is told to do: start a run, signal it, cancel it, stop it. Everything else only reads."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import uuid4

from google.protobuf.message import Message
from temporalio.api.common.v1 import Memo, WorkflowExecution, WorkflowType
from temporalio.api.enums.v1 import WorkflowIdConflictPolicy
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    RequestCancelWorkflowExecutionRequest,
    SignalWorkflowExecutionRequest,
    StartWorkflowExecutionRequest,
    TerminateWorkflowExecutionRequest,
)
from temporalio.converter import DefaultPayloadConverter

from watchglass.temporal.access import Access, CallKind
from watchglass.temporal.errors import RunIsOver, RunMissing

_JSON = DefaultPayloadConverter()


async def start_workflow(
    access: Access,
    *,
    type: str,
    id: str,
    task_queue: str,
    argument: object,
    memo: Mapping[str, object],
    identity: str,
) -> str:
    """Start a run and return its run id; `argument` and the memo's values are JSON.

    Raises:
        AlreadyRunning: a run with this workflow id is open.
        TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing
    """
    request = StartWorkflowExecutionRequest(
        namespace=access.namespace,
        workflow_id=id,
        workflow_type=WorkflowType(name=type),
        task_queue=TaskQueue(name=task_queue),
        identity=identity,
        # The same on every try: a start whose answer was lost does not start another run.
        request_id=str(uuid4()),
        workflow_id_conflict_policy=WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
        memo=Memo(fields={key: _JSON.to_payload(value) for key, value in memo.items()}),
    )
    request.input.payloads.extend(_JSON.to_payloads([argument]))
    answer = await access.ask(
        CallKind.HISTORY, access.service.start_workflow_execution, request, subject=f"a new run of workflow {id!r}"
    )
    return answer.run_id


async def signal_workflow(
    access: Access, *, id: str, run_id: str, signal: str, argument: object, identity: str
) -> None:
    """Send a signal to an open run; `argument` is JSON. Raises RunIsOver, and what `start_workflow` raises."""
    request = SignalWorkflowExecutionRequest(
        namespace=access.namespace,
        workflow_execution=WorkflowExecution(workflow_id=id, run_id=run_id),
        signal_name=signal,
        identity=identity,
        request_id=str(uuid4()),
    )
    request.input.payloads.extend(_JSON.to_payloads([argument]))
    await _tell(access, access.service.signal_workflow_execution, request, which=run_id or id)


async def cancel_workflow(access: Access, *, id: str, run_id: str, reason: str, identity: str) -> None:
    """Ask an open run to end in its own way; one that is over stays as it is. Raises what `start_workflow` raises."""
    request = RequestCancelWorkflowExecutionRequest(
        namespace=access.namespace,
        workflow_execution=WorkflowExecution(workflow_id=id, run_id=run_id),
        reason=reason,
        identity=identity,
        request_id=str(uuid4()),
    )
    await _tell(access, access.service.request_cancel_workflow_execution, request, which=run_id or id)


async def terminate_workflow(access: Access, *, id: str, run_id: str, reason: str, identity: str) -> None:
    """Stop an open run by force. Raises RunIsOver, and what `start_workflow` raises."""
    request = TerminateWorkflowExecutionRequest(
        namespace=access.namespace,
        workflow_execution=WorkflowExecution(workflow_id=id, run_id=run_id),
        reason=reason,
        identity=identity,
    )
    await _tell(access, access.service.terminate_workflow_execution, request, which=run_id or id)


async def _tell(access: Access, rpc: Callable[..., Awaitable[object]], request: Message, *, which: str) -> None:
    try:
        await access.ask(CallKind.HISTORY, rpc, request, subject=f"run {which}")
    except RunMissing as error:
        raise RunIsOver(
            f"Run {which} is over, or Temporal has deleted it: there is nothing left to tell it."
        ) from error
