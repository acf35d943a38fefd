"""Runs that share a workflow id, continue each other or were reset: each its own rows, tied by links."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench, component_counts
from tests.acceptance.observed import Chain, Greeting, Steps, new_id

from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.discover import discover
from watchglass.sync.one import sync_execution, sync_executions

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


async def listed(bench: Bench, workflow_id: str, count: int) -> list[ExecutionKey]:
    """Discover until all runs of a workflow id are there; newest first."""
    async with asyncio.timeout(120):
        while True:
            await discover(bench.parts, bench.connection)
            async with bench.store.write() as reader:
                rows = await reader.fetch(
                    "SELECT project_id, id FROM workflow_executions WHERE temporal_workflow_id = $1 ORDER BY id DESC",
                    workflow_id,
                )
            if len(rows) >= count:
                return [ExecutionKey(row["project_id"], row["id"]) for row in rows]
            await asyncio.sleep(0.1)


async def rows_of(bench: Bench, keys: list[ExecutionKey]) -> list[Any]:
    async with bench.store.write() as reader:
        return await reader.fetch(
            "SELECT * FROM workflow_executions WHERE id = ANY ($1::uuid[]) ORDER BY started_at, id",
            [key.id for key in keys],
        )


async def units(bench: Bench, execution_id: UUID) -> list[Any]:
    async with bench.store.write() as reader:
        return await reader.fetch(
            "SELECT * FROM component_executions WHERE execution_id = $1 ORDER BY event_id", execution_id
        )


async def counted(bench: Bench, workflow_id: UUID, name: str) -> int:
    return (await component_counts(bench.store, bench.connection.project_id, workflow_id)).get(name, 0)


async def test_twenty_runs_of_one_workflow_id_never_mix(bench: Bench) -> None:
    workflow_id = new_id("reused")
    runs = {}
    for number in range(20):
        start = Steps.run if number % 2 else Greeting.run
        arguments: list[Any] = [] if number % 2 else [[f"run {number}"]]
        handle: WorkflowHandle[Any, Any] = await bench.client.start_workflow(
            start,
            args=arguments,
            id=workflow_id,
            task_queue=bench.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        )
        if number % 2 == 0:
            await handle.result()
        else:
            await handle.signal(Steps.step, f"run {number}")
        assert handle.result_run_id is not None
        runs[handle.result_run_id] = number
    keys = await listed(bench, workflow_id, 20)
    outcomes = await sync_executions(bench.parts, keys)
    assert all(outcome.synced for outcome in outcomes.values())
    rows = await rows_of(bench, keys)
    assert {row["temporal_run_id"] for row in rows} == set(runs)
    for row in rows:
        number = runs[row["temporal_run_id"]]
        own = await units(bench, row["id"])
        texts = b" ".join([unit["input"] for unit in own])
        mentioned = {other for other in range(20) if f'run {other}"'.encode() in texts}
        assert mentioned == {number}
        assert row["status"] == ("completed" if number % 2 == 0 else "running" if number == 19 else "terminated")
    await bench.client.get_workflow_handle(workflow_id).terminate()
    await assert_totals_equal_recomputation(bench.store)


async def test_a_chain_of_continued_runs_is_linked_in_whatever_order_it_arrives(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Chain.run, 4, id=new_id("chain"), task_queue=bench.queue)
    first = handle.result_run_id
    assert await handle.result() == "Hello, run 0"
    keys = await listed(bench, handle.id, 5)
    for key in keys:
        assert (await sync_execution(bench.parts, key)).synced
    rows = await rows_of(bench, keys)
    ids = [row["temporal_run_id"] for row in rows]
    assert ids[0] == first
    assert [row["status"] for row in rows] == ["continued_as_new"] * 4 + ["completed"]
    assert {row["first_run_id"] for row in rows} == {first}
    assert [row["continued_from_run_id"] for row in rows] == [None, *ids[:-1]]
    assert [row["continued_to_run_id"] for row in rows] == [*ids[1:], None]
    assert await counted(bench, rows[0]["workflow_id"], "greet") == 5
    await assert_totals_equal_recomputation(bench.store)


async def reset(bench: Bench, handle: WorkflowHandle[Any, Any], *, to_event: int) -> str:
    answer = await bench.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=bench.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=handle.id, run_id=handle.result_run_id or ""),
            reason="try the second half again",
            workflow_task_finish_event_id=to_event,
            request_id=str(uuid4()),
        )
    )
    return answer.run_id


async def completed_tasks(handle: WorkflowHandle[Any, Any]) -> list[int]:
    return [
        event.event_id
        async for event in handle.fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]


async def test_a_reset_of_a_closed_run_leaves_it_and_counts_copied_units_once(bench: Bench) -> None:
    handle = await bench.client.start_workflow(
        Greeting.run, ["Ada", "Grace"], id=new_id("closed"), task_queue=bench.queue
    )
    await handle.result()
    (base,) = await listed(bench, handle.id, 1)
    await sync_execution(bench.parts, base)
    (row,) = await rows_of(bench, [base])
    before = await counted(bench, row["workflow_id"], "greet")

    second = (await completed_tasks(handle))[1]
    new_run = await reset(bench, handle, to_event=second)
    await bench.client.get_workflow_handle(handle.id, run_id=new_run).result()
    keys = await listed(bench, handle.id, 2)
    await sync_executions(bench.parts, keys)
    (base_now,) = await rows_of(bench, [base])
    assert dict(base_now) == {**row, "superseded_by": new_run, "history_bytes": base_now["history_bytes"]}
    (after,) = [found for found in await rows_of(bench, keys) if found["temporal_run_id"] == new_run]
    assert (after["status"], after["first_run_id"]) == ("completed", handle.result_run_id)
    assert after["started_at"] > row["started_at"], "a reset run starts when it was reset, not when its base did"
    assert [unit["copied"] for unit in await units(bench, after["id"])] == [True, False]
    assert await counted(bench, row["workflow_id"], "greet") == before + 1
    await assert_totals_equal_recomputation(bench.store)


async def test_a_running_run_that_is_reset_is_superseded_and_is_no_error(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("open"), task_queue=bench.queue)
    await handle.signal(Steps.step, "one")
    (base,) = await listed(bench, handle.id, 1)
    async with asyncio.timeout(120):
        while not [unit for unit in await units(bench, base.id) if unit["output"]]:
            await sync_execution(bench.parts, base)
            await asyncio.sleep(0.05)
    (row,) = await rows_of(bench, [base])
    async with bench.store.write() as reader:
        errors = "SELECT error_runs FROM workflow_statistics WHERE workflow_id = $1"
        before = await reader.fetchval(errors, row["workflow_id"])
    new_run = await reset(bench, handle, to_event=(await completed_tasks(handle))[0])
    keys = await listed(bench, handle.id, 2)
    await sync_executions(bench.parts, keys)
    (old,) = await rows_of(bench, [base])
    assert (old["status"], old["superseded_by"], old["is_final"]) == ("terminated", new_run, True)
    async with bench.store.write() as reader:
        assert await reader.fetchval(errors, row["workflow_id"]) == before
    again = bench.client.get_workflow_handle(handle.id, run_id=new_run)
    await again.signal(Steps.finish)
    await again.result()
    (new,) = [key for key in keys if key != base]
    await sync_execution(bench.parts, new)
    (after,) = await rows_of(bench, [new])
    assert (after["status"], after["temporal_run_id"]) == ("completed", new_run)
    await assert_totals_equal_recomputation(bench.store)
