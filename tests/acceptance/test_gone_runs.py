"""Runs that Temporal deleted: what was copied stays, and what could not be copied is said."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest, RegisterNamespaceRequest
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.forgetful import temporal
from tests.acceptance.observed import Greeting, Retried, new_id, observed_worker

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.errors import WatchglassError
from watchglass.model.connection import Connection
from watchglass.store.connections import ensure_connection
from watchglass.store.discovery import read_discovery
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.discover import discover
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.one import sync_execution, sync_executions

__all__ = ["bench", "temporal"]
pytestmark = pytest.mark.acceptance

SENTENCE = "Temporal deleted it before we saw its end"


async def delete(bench: Bench, handle: WorkflowHandle[Any, Any], run_id: str | None = None) -> None:
    run = WorkflowExecution(workflow_id=handle.id, run_id=run_id or handle.result_run_id or "")
    await bench.client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(namespace="default", workflow_execution=run)
    )
    await until_missing(handle)


async def until_missing(handle: WorkflowHandle[Any, Any]) -> None:
    async with asyncio.timeout(120):
        while True:
            try:
                await handle.describe()
            except RPCError as error:
                assert error.status is RPCStatusCode.NOT_FOUND
                return
            await asyncio.sleep(0.1)


async def age(bench: Bench, key: ExecutionKey, **columns: timedelta) -> None:
    """Let time pass for one row."""
    async with bench.store.write() as writer:
        for column, by in columns.items():
            await writer.execute(
                f"UPDATE workflow_executions SET {column} = {column} - $2::interval WHERE id = $1", key.id, by
            )


async def row_of(bench: Bench, key: ExecutionKey) -> Any:
    async with bench.store.write() as reader:
        return await reader.fetchrow("SELECT * FROM workflow_executions WHERE id = $1", key.id)


async def contents(bench: Bench, key: ExecutionKey) -> list[Any]:
    """The components, attempts and history that are stored of a run."""
    async with bench.store.write() as reader:
        return [
            await reader.fetch(f"SELECT to_jsonb(t) FROM {table} t WHERE execution_id = $1 ORDER BY 1", key.id)
            for table in ("component_executions", "component_attempts", "history_pages")
        ]


async def total(bench: Bench, workflow_id: UUID, figure: str) -> int:
    async with bench.store.write() as reader:
        return int(
            await reader.fetchval(f"SELECT {figure} FROM workflow_statistics WHERE workflow_id = $1", workflow_id)
        )


async def test_a_deleted_run_stays_whole_and_is_marked_gone(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id("gone"), task_queue=bench.queue)
    await handle.result()
    key = await bench.key_of(handle)
    await sync_execution(bench.parts, key)
    before, copied = await row_of(bench, key), await contents(bench, key)
    await delete(bench, handle)

    looking = ImmediateSync(bench.parts)
    await looking.refresh(key.id)
    once = await row_of(bench, key)
    assert once["missing_since"] is not None and once["source_gone_at"] is None, "one answer alone is not believed"
    await looking.refresh(key.id)
    assert (await row_of(bench, key))["source_gone_at"] is None, "nor is the same answer a moment later"

    await age(bench, key, missing_since=timedelta(minutes=2), source_checked_at=timedelta(minutes=2))
    await looking.refresh(key.id)
    after = await row_of(bench, key)
    assert after["source_gone_at"] is not None and after["sync_status"] == "gone"
    kept = ("status", "closed_at", "duration_ms", "result", "input", "component_count", "error_message", "is_final")
    assert [after[column] for column in kept] == [before[column] for column in kept]
    assert await contents(bench, key) == copied
    digest = await bench.digest(key)
    await sync_execution(bench.parts, key)
    await looking.refresh(key.id, force=True)
    assert await bench.digest(key) == digest, "a gone run is never asked for again"
    await assert_totals_equal_recomputation(bench.store)


async def test_an_open_run_that_temporal_deleted_becomes_unknown(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Retried.run, 1000, id=new_id("lost"), task_queue=bench.queue)
    key = await bench.key_of(handle)
    async with asyncio.timeout(120):
        while not (await sync_execution(bench.parts, key)).is_retrying:
            await asyncio.sleep(0.1)
    workflow_id = (await row_of(bench, key))["workflow_id"]
    running, unknown = await total(bench, workflow_id, "running_runs"), await total(bench, workflow_id, "unknown_runs")
    stored = (await contents(bench, key))[1:]
    await delete(bench, handle)

    assert not (await sync_execution(bench.parts, key)).synced
    once = await row_of(bench, key)
    assert (once["status"], once["component_count"]) == ("running", 1)
    await age(bench, key, missing_since=timedelta(minutes=2))
    await sync_execution(bench.parts, key)
    after = await row_of(bench, key)
    assert (after["status"], after["error_message"], after["sync_status"]) == ("unknown", SENTENCE, "gone")
    assert (after["is_final"], after["next_sync_at"], after["step_statuses"]) == (True, None, ["unknown"])
    assert (await contents(bench, key))[1:] == stored, "attempts and history stay"
    assert await total(bench, workflow_id, "running_runs") == running - 1
    assert await total(bench, workflow_id, "unknown_runs") == unknown + 1
    await assert_totals_equal_recomputation(bench.store)


async def test_a_run_that_is_found_again_was_never_gone(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id("back"), task_queue=bench.queue)
    await handle.result()
    key = await bench.key_of(handle)
    async with bench.store.write() as writer:
        await writer.execute(
            "UPDATE workflow_executions SET missing_since = now() - interval '1 day' WHERE id = $1", key.id
        )
    assert (await sync_execution(bench.parts, key)).synced
    after = await row_of(bench, key)
    assert (after["status"], after["missing_since"], after["source_gone_at"]) == ("completed", None, None)


async def test_runs_deleted_between_list_and_fetch_never_stop_the_others(bench: Bench) -> None:
    handles = [
        await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id("between"), task_queue=bench.queue)
        for _ in range(10)
    ]
    await asyncio.gather(*(handle.result() for handle in handles))
    keys = [await bench.key_of(handle) for handle in handles]
    for handle in handles[:3]:
        await delete(bench, handle)
    outcomes = await sync_executions(bench.parts, keys)
    assert [outcomes[key].synced for key in keys] == [False] * 3 + [True] * 7
    for key in keys[:3]:
        await age(bench, key, missing_since=timedelta(minutes=2))
    await sync_executions(bench.parts, keys[:3])
    rows = [await row_of(bench, key) for key in keys]
    assert [row["sync_status"] for row in rows] == ["gone"] * 3 + ["synced"] * 7
    assert {row["status"] for row in rows} == {"completed"}, "the list had said how they ended"
    assert {row["sync_error"] for row in rows[:3]} == {"Temporal deleted it before its history was copied"}
    await assert_totals_equal_recomputation(bench.store)


@pytest.fixture
async def short(bench: Bench, temporal: EmbeddedTemporal) -> AsyncIterator[Connection]:
    """A namespace that keeps closed runs for two seconds, already looked at once."""
    name = new_id("short")
    request = RegisterNamespaceRequest(namespace=name)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(seconds=2))
    await bench.client.workflow_service.register_namespace(request)
    async with bench.store.write() as writer:
        connection = await ensure_connection(
            writer,
            project_id=bench.connection.project_id,
            address=temporal.address,
            namespace=name,
            is_embedded=False,
        )
    async with asyncio.timeout(120):
        while True:
            try:
                await discover(bench.parts, connection)
                break
            except WatchglassError:
                # The frontend learns of a new namespace after a moment.
                await asyncio.sleep(0.2)
    yield connection


async def test_runs_that_expired_unseen_are_a_gap(bench: Bench, temporal: EmbeddedTemporal, short: Connection) -> None:
    async with observed_worker(temporal.address, short.namespace) as (client, queue):
        handle = await client.start_workflow(Greeting.run, ["Ada"], id="expired", task_queue=queue)
        await handle.result()
        closed_at = (await handle.describe()).close_time
        assert closed_at is not None
        await until_missing(handle)
    async with bench.store.write() as writer:
        await writer.execute(
            "UPDATE connections SET rescanned_at = rescanned_at - interval '10 minutes' WHERE id = $1", short.id
        )
        seen_until = (await read_discovery(writer, short.id)).discovered_until
    await discover(bench.parts, short)
    async with bench.store.write() as writer:
        gaps = await writer.fetch("SELECT from_at, to_at FROM sync_gaps WHERE connection_id = $1", short.id)
        await writer.execute(
            "UPDATE connections SET rescanned_at = rescanned_at - interval '10 minutes' WHERE id = $1", short.id
        )
    assert len(gaps) == 1
    assert gaps[0]["from_at"] == seen_until
    assert gaps[0]["from_at"] <= closed_at <= gaps[0]["to_at"]
    await discover(bench.parts, short)
    async with bench.store.write() as reader:
        assert await reader.fetchval("SELECT count(*) FROM sync_gaps WHERE connection_id = $1", short.id) == 1
