"""Every state of a run has an owner: copied, gone, in the queue, or only listed because its level says so."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from tests.acceptance.bench import Bench, bench
from tests.acceptance.observed import Greeting, Steps, new_id
from tests.databases import make_project

from watchglass.parse.describe import parse_described
from watchglass.store.connections import ensure_connection
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.unowned import LATE, Unowned, count_unowned
from watchglass.sync.listing import add_runs
from watchglass.sync.one import sync_execution
from watchglass.temporal.describe import describe_run

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


async def unowned(bench: Bench) -> Unowned:
    async with bench.store.write() as reader:
        return await count_unowned(reader)


async def change(bench: Bench, key: ExecutionKey, columns: str, *values: object) -> None:
    async with bench.store.write() as writer:
        await writer.execute(f"UPDATE workflow_executions SET {columns} WHERE id = $1", key.id, *values)


async def started(bench: Bench, run: Any, *given: object) -> WorkflowHandle[Any, Any]:
    return await bench.client.start_workflow(run, args=list(given), id=new_id("owned"), task_queue=bench.queue)


async def test_runs_at_every_stage_are_somebodys(bench: Bench) -> None:
    handle = await started(bench, Greeting.run, ["Ada"])
    waiting = await bench.key_of(await started(bench, Steps.run))
    ended = await bench.key_of(handle)
    assert await unowned(bench) == Unowned(nobodys=0, late=0)
    await handle.result()
    for key in (waiting, ended):
        await sync_execution(bench.parts, key)
    assert await unowned(bench) == Unowned(nobodys=0, late=0)


async def test_one_that_left_the_queue_uncopied_is_nobodys(bench: Bench) -> None:
    key = await bench.key_of(await started(bench, Steps.run))
    await sync_execution(bench.parts, key)
    await change(bench, key, "next_sync_at = NULL")
    assert await unowned(bench) == Unowned(nobodys=1, late=0)
    await change(bench, key, "next_sync_at = clock_timestamp()")
    assert await unowned(bench) == Unowned(nobodys=0, late=0)


async def test_one_that_nobody_takes_is_late(bench: Bench) -> None:
    key = await bench.key_of(await started(bench, Steps.run))
    await change(bench, key, "next_sync_at = clock_timestamp() - $2::interval", LATE + timedelta(seconds=1))
    assert await unowned(bench) == Unowned(nobodys=0, late=1)
    await change(bench, key, "next_sync_at = clock_timestamp() - $2::interval", LATE - timedelta(minutes=1))
    assert await unowned(bench) == Unowned(nobodys=0, late=0)


async def test_one_that_is_only_listed_is_as_it_should_be(bench: Bench) -> None:
    project_id, _ = await make_project(bench.store, new_id("listed"), owner="ada")
    async with bench.store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address=bench.connection.address, namespace="default", is_embedded=False
        )
        await writer.execute("UPDATE connections SET level = 'list' WHERE id = $1", connection.id)
    handle = await started(bench, Steps.run)
    listed = parse_described(await describe_run(await bench.parts.access(connection), handle.id))
    (key,) = await add_runs(bench.parts, await bench.parts.connection(connection.id), [listed])
    async with bench.store.write() as reader:
        row = await reader.fetchrow("SELECT next_sync_at, is_final FROM workflow_executions WHERE id = $1", key.id)
    assert dict(row or {}) == {"next_sync_at": None, "is_final": False}
    assert await unowned(bench) == Unowned(nobodys=0, late=0)
