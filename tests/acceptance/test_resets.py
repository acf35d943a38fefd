"""Runs that a reset replaced: named by the run in their place, and no errors, in whatever order they are copied."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.observed import new_id, observed_worker

from watchglass.parse.describe import parse_described
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.totals import TOTALS
from watchglass.sync.listing import add_runs
from watchglass.sync.one import sync_execution, sync_executions
from watchglass.temporal.describe import describe_run

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance

_broken = {"now": True}


@workflow.defn
class Fragile:
    """Fails while the shop is broken; waits for a signal when it is told to."""

    def __init__(self) -> None:
        self._may_end = False

    @workflow.run
    async def run(self, waits: bool) -> str:
        if waits:
            await workflow.wait_condition(lambda: self._may_end)
        if _broken["now"]:
            raise ApplicationError("the shop is broken", type="Broken")
        return "done"

    @workflow.signal
    def end(self) -> None:
        self._may_end = True


@dataclass(frozen=True)
class Resets:
    bench: Bench

    async def failed(self) -> WorkflowHandle[Any, Any]:
        _broken["now"] = True
        handle = await self._start(waits=False)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        return handle

    async def open(self) -> WorkflowHandle[Any, Any]:
        handle = await self._start(waits=True)
        async with asyncio.timeout(20):
            while len([event async for event in handle.fetch_history_events()]) < 4:
                await asyncio.sleep(0.05)
        return handle

    async def _start(self, *, waits: bool) -> WorkflowHandle[Any, Any]:
        return await self.bench.client.start_workflow(
            Fragile.run, waits, id=new_id("fragile"), task_queue=self.bench.queue
        )

    async def reset(self, workflow_id: str, run_id: str | None) -> str:
        answer = await self.bench.client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace="default",
                workflow_execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id or ""),
                reason="the shop works again",
                workflow_task_finish_event_id=3,
                request_id=str(uuid4()),
            )
        )
        return answer.run_id

    async def repaired(self, handle: WorkflowHandle[Any, Any]) -> str:
        """Reset a failed run into one that completes; return the new run's id."""
        _broken["now"] = False
        run_id = await self.reset(handle.id, handle.result_run_id)
        await self.bench.client.get_workflow_handle(handle.id, run_id=run_id).result()
        return run_id

    async def key(self, workflow_id: str, run_id: str | None) -> ExecutionKey:
        access = await self.bench.parts.access(self.bench.connection)
        described = parse_described(await describe_run(access, workflow_id, run_id or ""))
        (key,) = await add_runs(self.bench.parts, self.bench.connection, [described])
        return key

    async def row(self, key: ExecutionKey) -> Any:
        async with self.bench.store.write() as reader:
            return await reader.fetchrow("SELECT * FROM workflow_executions WHERE id = $1", key.id)

    async def errors(self) -> int:
        async with self.bench.store.write() as reader:
            row = await reader.fetchrow("SELECT project_id, id FROM workflows WHERE name = 'Fragile'")
            errors = 0
            if row is not None:
                errors = await reader.fetchval(
                    f"SELECT sum(error_runs) FROM ({TOTALS.format(project='$1', workflow='$2')}) totals", *row.values()
                )
        return int(errors or 0)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def resets(bench: Bench) -> AsyncIterator[Resets]:
    async with observed_worker(bench.connection.address, workflows=[Fragile], activities=[]) as (client, queue):
        yield Resets(replace(bench, client=client, queue=queue))


async def test_a_failed_run_that_is_reset_later_is_no_error_any_more(resets: Resets) -> None:
    parts = resets.bench.parts
    handle = await resets.failed()
    base = await resets.key(handle.id, handle.result_run_id)
    before = await resets.errors()
    await sync_execution(parts, base)
    assert await resets.errors() == before, "the list said already that it failed"
    new_run = await resets.repaired(handle)
    new = await resets.key(handle.id, new_run)
    assert (await sync_execution(parts, new)).synced
    row = await resets.row(base)
    assert (row["status"], row["superseded_by"], row["is_final"]) == ("failed", new_run, True)
    assert await resets.errors() == before - 1
    made = await resets.row(new)
    assert (made["origin"], made["reset_from_run_id"]) == ("reset", handle.result_run_id)
    await assert_totals_equal_recomputation(resets.bench.store)


@pytest.mark.parametrize("order", ["listed first", "found last"])
async def test_the_base_may_be_copied_after_the_run_in_its_place(resets: Resets, order: str) -> None:
    parts = resets.bench.parts
    handle = await resets.failed()
    before = await resets.errors()
    if order == "listed first":
        base = await resets.key(handle.id, handle.result_run_id)
    new_run = await resets.repaired(handle)
    new = await resets.key(handle.id, new_run)
    await sync_execution(parts, new)
    if order == "found last":
        base = await resets.key(handle.id, handle.result_run_id)
    await sync_execution(parts, base)
    assert (await resets.row(base))["superseded_by"] == new_run
    assert await resets.errors() == before
    await assert_totals_equal_recomputation(resets.bench.store)


async def test_a_base_that_is_only_listed_is_no_error_once_the_run_in_its_place_was_copied(resets: Resets) -> None:
    handle = await resets.failed()
    new_run = await resets.repaired(handle)
    await sync_execution(resets.bench.parts, await resets.key(handle.id, new_run))
    before = await resets.errors()
    base = await resets.row(await resets.key(handle.id, handle.result_run_id))
    assert (base["status"], base["detail_state"], base["superseded_by"]) == ("failed", "none", new_run)
    assert await resets.errors() == before
    await assert_totals_equal_recomputation(resets.bench.store)


async def test_a_base_that_two_resets_replaced_names_the_newest(resets: Resets) -> None:
    handle = await resets.failed()
    first = await resets.repaired(handle)
    second = await resets.repaired(handle)
    keys = [await resets.key(handle.id, run) for run in (second, first, handle.result_run_id)]
    for key in keys:
        await sync_execution(resets.bench.parts, key)
    assert (await resets.row(keys[2]))["superseded_by"] == second
    assert (await resets.row(keys[1]))["superseded_by"] is None, "the first reset's run completed, nobody reset it"
    await assert_totals_equal_recomputation(resets.bench.store)


async def test_a_running_run_reset_twice_leaves_no_error(resets: Resets) -> None:
    before = await resets.errors()
    _broken["now"] = False
    handle = await resets.open()
    first = await resets.reset(handle.id, handle.result_run_id)
    second = await resets.reset(handle.id, handle.result_run_id)
    last = resets.bench.client.get_workflow_handle(handle.id, run_id=second)
    await last.signal(Fragile.end)
    await last.result()
    keys = [await resets.key(handle.id, run) for run in (handle.result_run_id, first, second)]
    await sync_executions(resets.bench.parts, keys)
    rows = [await resets.row(key) for key in keys]
    assert [row["status"] for row in rows] == ["terminated", "terminated", "completed"]
    assert [row["superseded_by"] for row in rows] == [second, None, None]
    assert [row["stopped_by_reset"] for row in rows] == [True, True, False]
    assert await resets.errors() == before
    await assert_totals_equal_recomputation(resets.bench.store)


async def test_base_and_replacements_synced_at_the_same_time_never_wait_in_a_ring(resets: Resets) -> None:
    before = await resets.errors()
    groups = []
    for _ in range(4):
        handle = await resets.failed()
        new_run = await resets.repaired(handle)
        groups.append((handle, new_run))
    keys: list[ExecutionKey] = []

    async def find_and_sync(workflow_id: str, run_id: str | None) -> None:
        key = await resets.key(workflow_id, run_id)
        keys.append(key)
        assert (await sync_execution(resets.bench.parts, key)).synced

    async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
        for handle, new_run in groups:
            tasks.create_task(find_and_sync(handle.id, new_run))
            tasks.create_task(find_and_sync(handle.id, handle.result_run_id))
    rows = [await resets.row(key) for key in keys]
    replaced = {row["temporal_run_id"]: row["superseded_by"] for row in rows if row["status"] == "failed"}
    assert replaced == {handle.result_run_id: new_run for handle, new_run in groups}
    assert await resets.errors() == before
    await assert_totals_equal_recomputation(resets.bench.store)
