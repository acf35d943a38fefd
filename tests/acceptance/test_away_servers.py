"""Temporal or PostgreSQL frozen, killed, or not there: pages live from what was copied, and everything carries on."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowHandle
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import Greeting, Steps, new_id
from tests.api.seeded import Caller, client_for
from tests.databases import Database
from tests.servers import make_shared_directory

from watchglass.auth.tokens import create_token
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.outage import is_outage
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.freshness import TRIES_BEFORE_SET_ASIDE
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.one import sync_execution, sync_executions
from watchglass.sync.parts import Parts
from watchglass.sync.worker import CONTROL_NAMESPACE, run_worker
from watchglass.temporal.client import Clients

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance

PAGE_SECONDS = 3.0
"""A page answers within this, whatever Temporal does."""
RECOVERY_SECONDS = 10.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def temporal() -> AsyncIterator[EmbeddedTemporal]:
    """A Temporal that may be frozen and killed."""
    directory = make_shared_directory()
    server = EmbeddedTemporal(directory, preferred_port=0)
    await server.start()
    yield server
    await server.stop()
    shutil.rmtree(directory)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def postgres() -> AsyncIterator[EmbeddedPostgres]:
    """A PostgreSQL that may be killed."""
    directory = make_shared_directory()
    server = EmbeddedPostgres(directory)
    await server.start()
    yield server
    await server.stop()
    shutil.rmtree(directory)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ada(bench: Bench) -> AsyncIterator[Caller]:
    token = await create_token(bench.store, user="ada", name="test", lifetime=timedelta(hours=1))
    async with client_for(bench.store, bench.parts) as client:
        yield Caller(client, token)


@pytest_asyncio.fixture
async def working(bench: Bench, database: Database, temporal: EmbeddedTemporal) -> AsyncIterator[None]:
    """A worker, whose own workflows run on the server that goes away."""
    store = await database.open_store(size=8)
    control = await Client.connect(temporal.address, namespace=CONTROL_NAMESPACE)
    task = asyncio.create_task(run_worker(Parts(store, Clients()), control))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await store.close()


def pid_of(server: EmbeddedTemporal | EmbeddedPostgres) -> int:
    assert server.pid is not None
    return server.pid


async def row_of(bench: Bench, key: ExecutionKey) -> Any:
    async with bench.store.write() as reader:
        return await reader.fetchrow("SELECT * FROM workflow_executions WHERE id = $1", key.id)


async def open_run(bench: Bench) -> tuple[WorkflowHandle[Any, Any], ExecutionKey]:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("steps"), task_queue=bench.queue)
    await handle.signal(Steps.step, "one")
    key = await bench.key_of(handle)

    async def has_a_step() -> bool:
        await sync_execution(bench.parts, key)
        return bool((await row_of(bench, key))["component_count"] >= 2)

    assert await eventually(has_a_step)
    return handle, key


async def set_aside(bench: Bench) -> int:
    async with bench.store.write() as reader:
        return int(await reader.fetchval("SELECT count(*) FROM workflow_executions WHERE sync_status = 'set_aside'"))


async def test_pages_answer_while_temporal_is_frozen_and_recover_when_it_is_back(
    bench: Bench, ada: Caller, temporal: EmbeddedTemporal, working: None
) -> None:
    handle, key = await open_run(bench)
    page = {"executionId": str(key.id)}
    os.kill(pid_of(temporal), signal.SIGSTOP)
    try:
        sync: dict[str, Any] = {}
        frozen_at = time.monotonic()
        while time.monotonic() - frozen_at < 10:
            asked_at = time.monotonic()
            details = await ada.data("execution.getExecutionDetails", page)
            assert time.monotonic() - asked_at < PAGE_SECONDS
            assert details["execution"]["status"] == "running"
            assert len(details["components"]) >= 2
            sync = details["sync"]
            await asyncio.sleep(0.5)
        assert "Temporal did not answer within 5 s" in sync["error"], sync
        assert sync["state"] in ("failed", "syncing", "stale")
        assert sync["syncedAt"] is not None
    finally:
        os.kill(pid_of(temporal), signal.SIGCONT)
    back_at = time.monotonic()

    async def is_fresh() -> bool:
        answer = await ada.data("execution.getExecutionDetails", page)
        return bool(answer["sync"]["state"] == "fresh" and answer["sync"]["error"] is None)

    assert await eventually(is_fresh)
    assert time.monotonic() - back_at < RECOVERY_SECONDS
    await handle.signal(Steps.finish)

    async def is_final() -> bool:
        return bool((await row_of(bench, key))["is_final"])

    assert await eventually(is_final), "nobody asks any more: the worker has to carry on by itself"
    assert await set_aside(bench) == 0
    await assert_totals_equal_recomputation(bench.store)


async def test_a_killed_temporal_is_read_again_when_it_is_back(
    bench: Bench, temporal: EmbeddedTemporal, working: None
) -> None:
    handle, key = await open_run(bench)
    before = await row_of(bench, key)
    killed = pid_of(temporal)
    os.kill(killed, signal.SIGKILL)
    looking = ImmediateSync(bench.parts)
    async with asyncio.timeout(120):
        while temporal.pid == killed or not await temporal.is_healthy():
            await looking.refresh(key.id, force=True)
            await asyncio.sleep(0.05)
    row = await row_of(bench, key)
    assert (row["status"], row["component_count"]) == (before["status"], before["component_count"])
    back_at = time.monotonic()

    async def is_synced() -> bool:
        return (await looking.refresh(key.id, force=True)).synced

    assert await eventually(is_synced)
    assert time.monotonic() - back_at < RECOVERY_SECONDS
    await handle.signal(Steps.finish)

    async def is_final() -> bool:
        return bool((await row_of(bench, key))["is_final"])

    assert await eventually(is_final)
    assert await set_aside(bench) == 0
    await assert_totals_equal_recomputation(bench.store)


async def test_a_server_that_is_away_sets_nothing_aside_however_long(bench: Bench, temporal: EmbeddedTemporal) -> None:
    handle, key = await open_run(bench)
    async with bench.store.write() as writer:
        await writer.execute("UPDATE connections SET address = '127.0.0.1:1' WHERE id = $1", bench.connection.id)
    nowhere = Parts(bench.store, Clients())
    for _ in range(TRIES_BEFORE_SET_ASIDE + 2):
        outcome = await sync_execution(nowhere, key)
        assert outcome.is_away and not outcome.synced
    row = await row_of(bench, key)
    assert (row["sync_status"], row["sync_failures"], row["status"]) == ("failed", 0, "running")
    assert "cannot be reached" in row["sync_error"] or "did not answer" in row["sync_error"]
    async with bench.store.write() as writer:
        soon = await writer.fetchval(
            "SELECT next_sync_at < now() + make_interval(secs => $2) FROM workflow_executions WHERE id = $1",
            key.id,
            RECOVERY_SECONDS,
        )
        await writer.execute("UPDATE connections SET address = $2 WHERE id = $1", bench.connection.id, temporal.address)
    assert soon, "the copy has to be fresh again soon after the server's return"
    await handle.signal(Steps.finish)
    await handle.result()
    assert (await sync_execution(Parts(bench.store, Clients()), key)).synced
    assert (await row_of(bench, key))["sync_error"] is None


async def test_a_database_killed_in_the_middle_of_syncs_holds_nothing_half_done(
    bench: Bench, postgres: EmbeddedPostgres
) -> None:
    handles = [
        await bench.client.start_workflow(Greeting.run, ["Ada", "Grace"], id=new_id("pg"), task_queue=bench.queue)
        for _ in range(30)
    ]
    await asyncio.gather(*(handle.result() for handle in handles))
    keys = [await bench.key_of(handle) for handle in handles]
    stop = asyncio.Event()
    lost = 0

    async def sync_on() -> None:
        nonlocal lost
        while not stop.is_set():
            try:
                await sync_executions(bench.parts, keys)
            except Exception as error:
                assert is_outage(error), error
                lost += 1
                await asyncio.sleep(0.05)

    syncing = [asyncio.create_task(sync_on()) for _ in range(2)]
    for wait in (0.02, 0.3):
        await asyncio.sleep(wait)
        killed = pid_of(postgres)
        os.kill(killed, signal.SIGKILL)
        async with asyncio.timeout(120):
            while postgres.pid == killed or not await postgres.is_healthy():
                await asyncio.sleep(0.02)
    stop.set()
    await asyncio.gather(*syncing)
    assert lost > 0, "the syncs were to meet a dead database"
    outcomes = await sync_executions(bench.parts, keys)
    assert all(outcome.synced for outcome in outcomes.values()), outcomes
    async with bench.store.write() as reader:
        rows = await reader.fetch(
            "SELECT status, sync_failures, component_count, (SELECT count(*) FROM component_executions c "
            "WHERE c.execution_id = e.id) AS stored FROM workflow_executions e WHERE id = ANY ($1::uuid[])",
            [key.id for key in keys],
        )
    assert {tuple(row) for row in rows} == {("completed", 0, 2, 2)}
    await assert_totals_equal_recomputation(bench.store)


async def test_the_worker_carries_on_after_its_database_was_killed(
    bench: Bench, postgres: EmbeddedPostgres, working: None
) -> None:
    handles = []
    killed = pid_of(postgres)
    for number in range(40):
        handles.append(
            await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id("carry"), task_queue=bench.queue)
        )
        if number == 20:
            os.kill(killed, signal.SIGKILL)
    await asyncio.gather(*(handle.result() for handle in handles))
    async with asyncio.timeout(120):
        while postgres.pid == killed or not await postgres.is_healthy():
            await asyncio.sleep(0.05)

    async def all_there() -> bool:
        async with bench.store.write() as reader:
            count = await reader.fetchval(
                "SELECT count(*) FROM workflow_executions "
                "WHERE temporal_workflow_id LIKE 'carry-%' AND is_final AND status = 'completed'"
            )
        return bool(count == 40)

    assert await eventually(all_there, seconds=100)
    assert await set_aside(bench) == 0
    await assert_totals_equal_recomputation(bench.store)
