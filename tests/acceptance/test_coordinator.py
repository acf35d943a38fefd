"""The coordinator on a real control Temporal: runs that nobody told it of appear by themselves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client
from tests.acceptance.bench import assert_totals_equal_recomputation
from tests.acceptance.observed import Greeting, Steps, new_id, observed_worker
from tests.databases import Database, make_project

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.connection import Connection
from watchglass.store.connections import ensure_connection
from watchglass.store.scope import Store
from watchglass.sync.messages import COORDINATOR, SYSTEM_QUEUE, Key
from watchglass.sync.parts import Parts
from watchglass.sync.worker import CONTROL_NAMESPACE, run_worker
from watchglass.temporal.access import Access
from watchglass.temporal.client import Clients
from watchglass.temporal.visibility import count_runs

pytestmark = pytest.mark.acceptance


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def connection(database: Database, store: Store, temporal: EmbeddedTemporal) -> Connection:
    project_id, _ = await make_project(store, "Coordinated", owner="ada")
    async with store.write() as writer:
        return await ensure_connection(
            writer,
            project_id=project_id,
            address=temporal.address,
            namespace="default",
            is_embedded=True,
            http_address=temporal.http_address,
        )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def working(
    database: Database, temporal: EmbeddedTemporal, connection: Connection
) -> AsyncIterator[tuple[Store, Client]]:
    store = await database.open_store(size=12)
    control = await Client.connect(temporal.address, namespace=CONTROL_NAMESPACE)
    task = asyncio.create_task(run_worker(Parts(store, Clients()), control))
    yield store, control
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await store.close()


async def eventually(question: Callable[[], Any], *, seconds: float = 30) -> Any:
    """Ask until the answer is true; give the last answer when it never is."""
    answer = None
    for _ in range(int(seconds / 0.1)):
        answer = await question()
        if answer:
            return answer
        await asyncio.sleep(0.1)
    return answer


async def statuses(store: Store, prefix: str) -> list[str]:
    async with store.write() as reader:
        rows = await reader.fetch(
            "SELECT status FROM workflow_executions WHERE temporal_workflow_id LIKE $1 AND detail_state = 'complete'",
            f"{prefix}%",
        )
    return [row["status"] for row in rows]


async def test_runs_of_somebody_elses_worker_appear_by_themselves(
    working: tuple[Store, Client], temporal: EmbeddedTemporal
) -> None:
    store, _ = working
    prefix = new_id("appears")
    async with observed_worker(temporal.address) as (client, queue):
        for number in range(5):
            await client.start_workflow(Greeting.run, ["Ada"], id=f"{prefix}-{number}", task_queue=queue)
        open_run = await client.start_workflow(Steps.run, id=f"{prefix}-open", task_queue=queue)

        async def all_there() -> bool:
            return sorted(await statuses(store, prefix)) == ["completed"] * 5 + ["running"]

        assert await eventually(all_there), await statuses(store, prefix)
        await open_run.signal(Steps.finish)

        async def all_done() -> bool:
            return await statuses(store, prefix) == ["completed"] * 6

        assert await eventually(all_done), await statuses(store, prefix)
    async with store.write() as reader:
        names = await reader.fetch("SELECT name, kind FROM workflows ORDER BY name")
    assert {("Greeting", "observed"), ("Steps", "observed")} <= {tuple(name) for name in names}


async def test_a_backlog_is_synced_in_batches_and_every_run_once(
    working: tuple[Store, Client], temporal: EmbeddedTemporal
) -> None:
    store, _ = working
    prefix = new_id("backlog")
    async with observed_worker(temporal.address) as (client, queue):
        await asyncio.gather(
            *(
                client.execute_workflow(Greeting.run, ["Ada"], id=f"{prefix}-{number}", task_queue=queue)
                for number in range(120)
            )
        )

        async def all_done() -> bool:
            return await statuses(store, prefix) == ["completed"] * 120

        assert await eventually(all_done, seconds=60)
    await assert_totals_equal_recomputation(store)


async def test_sync_now_syncs_one_execution_and_says_so(
    working: tuple[Store, Client], connection: Connection, temporal: EmbeddedTemporal
) -> None:
    store, control = working
    workflow_id = new_id("now")
    async with observed_worker(temporal.address) as (client, queue):
        handle = await client.start_workflow(Steps.run, id=workflow_id, task_queue=queue)

        async def key() -> Key | None:
            async with store.write() as reader:
                row = await reader.fetchrow(
                    "SELECT project_id, id FROM workflow_executions WHERE temporal_workflow_id = $1", workflow_id
                )
            return Key(str(row["project_id"]), str(row["id"])) if row else None

        found = await eventually(key)
        coordinator = control.get_workflow_handle(f"{COORDINATOR}-{connection.id}")
        result = await coordinator.execute_update("sync_now", found)
        assert result["synced"], result
        await handle.signal(Steps.finish)
        await handle.result()


async def test_our_own_runs_are_never_in_an_observed_namespace(
    working: tuple[Store, Client], temporal: EmbeddedTemporal
) -> None:
    store, _ = working
    client = await Clients().get(temporal.address, "default")
    assert await count_runs(Access(client.workflow_service, "default"), f"TaskQueue = '{SYSTEM_QUEUE}'") == 0
    async with store.write() as reader:
        assert await reader.fetchval("SELECT count(*) FROM workflows WHERE name LIKE 'sync-%'") == 0


async def test_a_closed_run_keeps_what_only_the_list_says(
    working: tuple[Store, Client], temporal: EmbeddedTemporal
) -> None:
    store, _ = working
    workflow_id = new_id("sized")
    async with observed_worker(temporal.address) as (client, queue):
        handle = await client.start_workflow(Greeting.run, ["Ada"], id=workflow_id, task_queue=queue)
        await handle.result()
        described = await handle.describe()

        async def stored() -> tuple[int, list[str]] | None:
            async with store.write() as reader:
                row = await reader.fetchrow(
                    "SELECT project_id, id, history_bytes, is_final FROM workflow_executions "
                    "WHERE temporal_workflow_id = $1",
                    workflow_id,
                )
                if row is None or not row["is_final"]:
                    return None
                names = await reader.fetch(
                    "SELECT DISTINCT name FROM execution_search_attributes WHERE execution_id = $1", row["id"]
                )
            return row["history_bytes"], [name["name"] for name in names]

        expected = (described.raw_info.history_size_bytes, ["BuildIds"])

        async def is_as_listed() -> bool:
            return await stored() == expected

        assert await eventually(is_as_listed), (await stored(), expected)
