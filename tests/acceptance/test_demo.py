"""The demo on a real Temporal: within two minutes a newcomer can see every state."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import pytest_asyncio
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, TaskQueueType, WorkflowExecutionStatus
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from watchglass.demo.queues import OFFICE, TAX_OFFICE
from watchglass.demo.worker import WORKFLOWS, run_demo
from watchglass.embedded.temporal import EmbeddedTemporal

pytestmark = pytest.mark.acceptance

WAIT_SECONDS = 80
Status = WorkflowExecutionStatus


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(temporal: EmbeddedTemporal) -> AsyncIterator[Client]:
    """A client of the namespace in which the demo is running."""
    client = await Client.connect(temporal.address, namespace="demo")
    async with started(client):
        yield client


@asynccontextmanager
async def started(client: Client) -> AsyncIterator[None]:
    """Run the demo beside the test; a demo that ends by itself has failed."""
    running = asyncio.create_task(run_demo(client))
    try:
        yield
        assert not running.done(), "the demo has ended"
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def listed(client: Client, query: str = "") -> list[WorkflowExecutionInfo]:
    """Return the runs of the namespace; at most one page of 1,000."""
    request = ListWorkflowExecutionsRequest(namespace=client.namespace, page_size=1000, query=query)
    answer = await client.workflow_service.list_workflow_executions(request)
    return list(answer.executions)


async def described(client: Client, workflow_id: str) -> DescribeWorkflowExecutionResponse:
    execution = WorkflowExecution(workflow_id=workflow_id)
    request = DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=execution)
    return await client.workflow_service.describe_workflow_execution(request)


async def history(client: Client, workflow_id: str) -> list[HistoryEvent]:
    execution = WorkflowExecution(workflow_id=workflow_id)
    request = GetWorkflowExecutionHistoryRequest(namespace=client.namespace, execution=execution)
    return list((await client.workflow_service.get_workflow_execution_history(request)).history.events)


async def eventually(fact: Callable[[], Awaitable[bool]]) -> bool:
    """Say whether the fact becomes true in time."""
    deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        if await fact():
            return True
        await asyncio.sleep(0.5)
    return False


async def has_status(client: Client, workflow_id: str, status: int) -> bool:
    """Say whether some run of the workflow id gets the status."""

    async def there() -> bool:
        runs = await listed(client, f"WorkflowId = '{workflow_id}'")
        return status in {run.status for run in runs}

    return await eventually(there)


@pytest.mark.parametrize(
    ("workflow_id", "status"),
    [
        ("loyalty-C-1041", Status.WORKFLOW_EXECUTION_STATUS_RUNNING),
        ("order-10001", Status.WORKFLOW_EXECUTION_STATUS_COMPLETED),
        ("order-10002", Status.WORKFLOW_EXECUTION_STATUS_FAILED),
        ("order-10003", Status.WORKFLOW_EXECUTION_STATUS_FAILED),
        ("subscription-302", Status.WORKFLOW_EXECUTION_STATUS_CANCELED),
        ("expense-E-502", Status.WORKFLOW_EXECUTION_STATUS_COMPLETED),
        ("expense-E-503", Status.WORKFLOW_EXECUTION_STATUS_TERMINATED),
        ("subscription-301", Status.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW),
        ("expense-E-504", Status.WORKFLOW_EXECUTION_STATUS_TIMED_OUT),
        ("subscription-303", Status.WORKFLOW_EXECUTION_STATUS_PAUSED),
        ("payment-7002", Status.WORKFLOW_EXECUTION_STATUS_COMPLETED),
        ("payment-7003", Status.WORKFLOW_EXECUTION_STATUS_FAILED),
        ("payment-7005", Status.WORKFLOW_EXECUTION_STATUS_FAILED),
        ("payment-7007", Status.WORKFLOW_EXECUTION_STATUS_FAILED),
        ("credit-check-C-1102", Status.WORKFLOW_EXECUTION_STATUS_COMPLETED),
        ("import-payments-2026-11.csv", Status.WORKFLOW_EXECUTION_STATUS_COMPLETED),
        ("price-check-A-415", Status.WORKFLOW_EXECUTION_STATUS_COMPLETED),
    ],
)
async def test_a_run_gets_the_state_that_it_is_there_to_show(demo: Client, workflow_id: str, status: int) -> None:
    assert await has_status(demo, workflow_id, status)


async def test_a_payment_is_retrying_now(demo: Client) -> None:
    async def retrying() -> bool:
        found = await described(demo, "payment-7001") if await listed(demo, "WorkflowId = 'payment-7001'") else None
        return found is not None and any(pending.attempt > 1 for pending in found.pending_activities)

    assert await eventually(retrying)


async def test_a_workflow_task_fails_again_and_again(demo: Client) -> None:
    async def failing() -> bool:
        found = await described(demo, "archive-2024") if await listed(demo, "WorkflowId = 'archive-2024'") else None
        return found is not None and found.pending_workflow_task.attempt > 1

    assert await eventually(failing)
    failed = [e for e in await history(demo, "archive-2024") if e.HasField("workflow_task_failed_event_attributes")]
    assert "Nondeterminism" in failed[0].workflow_task_failed_event_attributes.failure.message


async def test_a_run_waits_where_nobody_works(demo: Client) -> None:
    assert await has_status(demo, "tax-return-2026-q3", Status.WORKFLOW_EXECUTION_STATUS_RUNNING)
    assert await pollers(demo, TAX_OFFICE) == 0
    assert await pollers(demo, OFFICE) > 0


async def pollers(client: Client, queue: str) -> int:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    return len((await client.workflow_service.describe_task_queue(request)).pollers)


async def test_a_pre_order_has_not_begun(demo: Client) -> None:
    assert await has_status(demo, "order-10004", Status.WORKFLOW_EXECUTION_STATUS_RUNNING)
    events = await history(demo, "order-10004")
    assert [event.event_type for event in events] == [EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED]


async def test_a_failure_comes_with_its_causes_and_a_stack(demo: Client) -> None:
    assert await has_status(demo, "order-10002", Status.WORKFLOW_EXECUTION_STATUS_FAILED)
    failure = (await history(demo, "order-10002"))[-1].workflow_execution_failed_event_attributes.failure
    chain = [failure]
    while chain[-1].HasField("cause"):
        chain.append(chain[-1].cause)
    types = [one.application_failure_info.type for one in chain if one.HasField("application_failure_info")]
    assert types == ["ParcelRefused", "LookupError", "KeyError"]
    assert "_find_depot" in chain[-1].stack_trace


async def test_a_payment_s_retries_are_in_its_history(demo: Client) -> None:
    async def attempts(workflow_id: str) -> int:
        events = await history(demo, workflow_id)
        return max(e.activity_task_started_event_attributes.attempt for e in events)

    assert await has_status(demo, "payment-7002", Status.WORKFLOW_EXECUTION_STATUS_COMPLETED)
    assert await has_status(demo, "payment-7003", Status.WORKFLOW_EXECUTION_STATUS_FAILED)
    assert await attempts("payment-7002") == 4
    assert await attempts("payment-7003") == 3


async def test_an_import_carries_a_large_payload(demo: Client) -> None:
    assert await has_status(demo, "import-customers-2026-11.csv", Status.WORKFLOW_EXECUTION_STATUS_COMPLETED)
    events = await history(demo, "import-customers-2026-11.csv")
    read = next(e for e in events if e.HasField("activity_task_completed_event_attributes"))
    size = len(read.activity_task_completed_event_attributes.result.payloads[0].data)
    assert 40_000 < size < 80_000


async def test_an_order_signals_the_customer_s_loyalty_account(demo: Client) -> None:
    assert await has_status(demo, "order-10001", Status.WORKFLOW_EXECUTION_STATUS_COMPLETED)
    kinds = {event.event_type for event in await history(demo, "order-10001")}
    assert EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED in kinds
    received = {event.event_type for event in await history(demo, "loyalty-C-1138")}
    assert EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED in received


async def test_the_nightly_report_was_run_by_its_schedule(demo: Client) -> None:
    async def three() -> bool:
        query = "TemporalScheduledById = 'nightly-report' AND ExecutionStatus = 'Completed'"
        return len(await listed(demo, query)) >= 3

    assert await eventually(three)


async def test_runs_are_found_by_customer_and_amount(demo: Client) -> None:
    async def found() -> bool:
        runs = await listed(demo, "CustomerId = 'C-1102' AND Amount > 5000")
        return "payment-7006" in {run.execution.workflow_id for run in runs}

    assert await eventually(found)


async def test_a_second_start_plays_no_scene_twice(demo: Client) -> None:
    assert await has_status(demo, "credit-check-C-1102", Status.WORKFLOW_EXECUTION_STATUS_COMPLETED)
    async with started(await Client.connect(demo.service_client.config.target_host, namespace=demo.namespace)):
        await asyncio.sleep(12)
    for workflow_id in ("loyalty-C-1041", "payment-7001", "expense-E-503", "credit-check-C-1102", "archive-2024"):
        assert len(await listed(demo, f"WorkflowId = '{workflow_id}'")) == 1, workflow_id


async def test_every_run_that_works_can_be_replayed(demo: Client) -> None:
    """The demo is continued by later releases, with runs that are open: they must not break."""
    assert await has_status(demo, "subscription-302", Status.WORKFLOW_EXECUTION_STATUS_CANCELED)
    replayer = Replayer(workflows=WORKFLOWS, workflow_runner=UnsandboxedWorkflowRunner())
    results = await replayer.replay_workflows(begun_histories(demo), raise_on_replay_failure=False)
    assert results.replay_failures == {}


async def begun_histories(client: Client) -> AsyncIterator[WorkflowHistory]:
    """Yield the histories in which a workflow task was completed; the replayer waits for ever for one in the others."""
    # The SDK's list breaks on a paused run (temporalio 1.35 does not know status 8).
    found = client.list_workflows(f"TaskQueue = '{OFFICE}' AND ExecutionStatus != 'Paused'")
    async for one in found.map_histories():
        if any(event.HasField("workflow_task_completed_event_attributes") for event in one.events):
            yield one
