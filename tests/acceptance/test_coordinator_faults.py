"""The coordinator when things go wrong: killed workers, a wiped control Temporal, floods of signals."""

import asyncio
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import Greeting, Steps, new_id
from tests.databases import Database
from tests.servers import make_shared_directory, run_python

import watchglass.sync.read as reading
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.messages import COORDINATOR, SYNC_EXECUTION, Key
from watchglass.sync.one import sync_execution
from watchglass.sync.parts import Parts
from watchglass.sync.worker import CONTROL_NAMESPACE, run_worker
from watchglass.temporal.client import Clients

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance

SMALL_HISTORIES = {"limit.historyCount.suggestContinueAsNew": "60"}
"""The control Temporal tells a coordinator early to continue as new."""

WORKER = """
import asyncio, sys
from temporalio.client import Client, WorkflowExecutionStatus
from watchglass.store.pool import open_pool
from watchglass.store.scope import Store
from watchglass.sync.parts import Parts
from watchglass.sync.worker import CONTROL_NAMESPACE, run_worker
from watchglass.temporal.client import Clients

async def main(address, login_url, sync_url):
    store = Store(login=await open_pool(login_url, size=2), sync=await open_pool(sync_url, size=8))
    control = await Client.connect(address, namespace=CONTROL_NAMESPACE)
    await run_worker(Parts(store, Clients()), control)

asyncio.run(main(*sys.argv[1:]))
"""


@asynccontextmanager
async def control_temporal(port: int = 0) -> AsyncIterator[EmbeddedTemporal]:
    """An empty control Temporal."""
    directory = make_shared_directory()
    server = EmbeddedTemporal(directory, preferred_port=port, dynamic_config=SMALL_HISTORIES)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
        shutil.rmtree(directory)


@pytest_asyncio.fixture(loop_scope="session")
async def control() -> AsyncIterator[EmbeddedTemporal]:
    async with control_temporal() as server:
        yield server


@asynccontextmanager
async def worker_here(database: Database, address: str) -> AsyncIterator[Client]:
    store = await database.open_store(size=8)
    client = await Client.connect(address, namespace=CONTROL_NAMESPACE)
    task = asyncio.create_task(run_worker(Parts(store, Clients()), client))
    try:
        yield client
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await store.close()


def worker_process(database: Database, address: str) -> subprocess.Popen[bytes]:
    return run_python(WORKER, address, database.login_url, database.sync_url)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


async def finish_runs(bench: Bench, prefix: str, count: int) -> None:
    await asyncio.gather(
        *(
            bench.client.execute_workflow(Greeting.run, ["Ada"], id=f"{prefix}-{number}", task_queue=bench.queue)
            for number in range(count)
        )
    )


async def copied(bench: Bench, prefix: str) -> int:
    async with bench.store.write() as reader:
        return int(
            await reader.fetchval(
                "SELECT count(*) FROM workflow_executions WHERE temporal_workflow_id LIKE $1 AND is_final "
                "AND status = 'completed' AND component_count = 1 AND sync_failures = 0",
                f"{prefix}-%",
            )
        )


async def assert_each_run_is_there_once(bench: Bench, prefix: str, count: int) -> None:
    async with bench.store.write() as reader:
        rows = await reader.fetch(
            """
            SELECT e.temporal_workflow_id,
                (SELECT count(*) FROM component_executions c WHERE c.execution_id = e.id) AS units,
                ARRAY(SELECT generate_series(p.first_event_id, p.last_event_id) FROM history_pages p
                      WHERE p.execution_id = e.id ORDER BY 1)
                = ARRAY(SELECT generate_series(1, e.synced_event_id)) AS each_event_once
            FROM workflow_executions e WHERE temporal_workflow_id LIKE $1
            """,
            f"{prefix}-%",
        )
    assert len(rows) == count
    assert len({row["temporal_workflow_id"] for row in rows}) == count
    # A run that was seen while it was open is copied in two pages.
    assert {(row["units"], row["each_event_once"]) for row in rows} == {(1, True)}
    await assert_totals_equal_recomputation(bench.store)


async def test_work_of_a_killed_worker_moves_on_and_every_run_is_synced_once(
    bench: Bench, database: Database, control: EmbeddedTemporal
) -> None:
    prefix = new_id("killed")
    await finish_runs(bench, prefix, 150)
    first = worker_process(database, control.address)
    try:

        async def some_are_there() -> bool:
            return await copied(bench, prefix) > 0

        assert await eventually(some_are_there)
    finally:
        kill(first)
    assert await copied(bench, prefix) < 150, "it was to be killed in the middle"
    await finish_runs(bench, f"{prefix}-later", 20)
    second = worker_process(database, control.address)
    try:

        async def all_are_there() -> bool:
            return await copied(bench, prefix) == 170

        assert await eventually(all_are_there, seconds=100), await copied(bench, prefix)
    finally:
        kill(second)
    await assert_each_run_is_there_once(bench, prefix, 170)


async def test_a_wiped_control_temporal_loses_nothing(bench: Bench, database: Database) -> None:
    prefix = new_id("wiped")

    async def all_are_there(count: int) -> bool:
        return await copied(bench, prefix) == count

    async with control_temporal() as first:
        port = int(first.address.rpartition(":")[2])
        async with worker_here(database, first.address):
            await finish_runs(bench, prefix, 10)
            assert await eventually(lambda: all_are_there(10))
            open_run = await bench.client.start_workflow(Steps.run, id=new_id("wiped-open"), task_queue=bench.queue)

            async def is_known() -> bool:
                async with bench.store.write() as reader:
                    return bool(
                        await reader.fetchval(
                            "SELECT count(*) FROM workflow_executions WHERE temporal_workflow_id = $1", open_run.id
                        )
                    )

            assert await eventually(is_known)
    await finish_runs(bench, f"{prefix}-between", 10)
    async with control_temporal(port) as second, worker_here(database, second.address):
        await finish_runs(bench, f"{prefix}-after", 10)
        await open_run.signal(Steps.finish)
        await open_run.result()
        assert await eventually(lambda: all_are_there(30)), await copied(bench, prefix)

        async def open_run_is_final() -> bool:
            async with bench.store.write() as reader:
                return bool(
                    await reader.fetchval(
                        "SELECT is_final FROM workflow_executions WHERE temporal_workflow_id = $1", open_run.id
                    )
                )

        assert await eventually(open_run_is_final)
    await assert_each_run_is_there_once(bench, prefix, 30)


async def keep_from_the_queue(bench: Bench, keys: list[ExecutionKey]) -> None:
    """Not due for a day, and in no listing: only somebody who asks for these by name gets them synced."""
    async with bench.store.write() as writer:
        await writer.execute(
            "UPDATE workflow_executions SET next_sync_at = now() + interval '1 day', sync_status = 'failed' "
            "WHERE id = ANY ($1::uuid[])",
            [key.id for key in keys],
        )


async def test_floods_of_signals_are_all_heard_and_histories_stay_short(
    bench: Bench, database: Database, control: EmbeddedTemporal
) -> None:
    prefix = new_id("asked")
    await finish_runs(bench, prefix, 80)
    keys = [await bench.key_of(bench.client.get_workflow_handle(f"{prefix}-{number}")) for number in range(80)]
    await keep_from_the_queue(bench, keys)
    noise, once = keys[:20], keys[20:]
    name = f"{COORDINATOR}-{bench.connection.id}"
    async with worker_here(database, control.address) as client:

        async def send(key: ExecutionKey) -> None:
            message = [Key(str(key.project_id), str(key.id))]
            await client.get_workflow_handle(name).signal("enqueue", message)

        async def lengths() -> list[int]:
            """Of each run of the coordinator, as many events as it has or had."""
            runs = [run async for run in client.list_workflows(f"WorkflowId = '{name}'")]
            return [
                (await client.get_workflow_handle(name, run_id=run.run_id).describe()).history_length for run in runs
            ]

        assert await eventually(lengths)
        async with asyncio.timeout(100):
            turn = 0
            while turn < 12 or len(await lengths()) < 5:
                await asyncio.gather(*map(send, [*noise, *once[turn * 5 : turn * 5 + 5], *noise, *noise]))
                turn += 1
                await asyncio.sleep(0.2)

        async def all_are_there() -> bool:
            return await copied(bench, prefix) == 80

        assert await eventually(all_are_there), await copied(bench, prefix)
        assert max(await lengths()) < 2000
    await assert_totals_equal_recomputation(bench.store)


@pytest.mark.parametrize("is_busy", [False, True], ids=["quiet", "busy"])
async def test_a_child_that_is_stuck_keeps_its_run_from_nobody(
    bench: Bench, database: Database, control: EmbeddedTemporal, is_busy: bool
) -> None:
    """Its task went to nobody: it is open, works on nothing, and has the id that the run's next sync wants.

    A busy coordinator continues as new sooner than it would have waited for the child.
    """
    prefix = new_id("stuck")
    await finish_runs(bench, prefix, 1)
    key = await bench.key_of(bench.client.get_workflow_handle(f"{prefix}-0"))
    other = new_id("other")
    await finish_runs(bench, other, 1)
    noise = await bench.key_of(bench.client.get_workflow_handle(f"{other}-0"))
    async with worker_here(database, control.address) as client:
        stuck = await client.start_workflow(
            SYNC_EXECUTION,
            Key(str(key.project_id), str(key.id)),
            id=f"{SYNC_EXECUTION}-{key.id}",
            task_queue=new_id("nobody"),
        )

        async def is_copied() -> bool:
            if is_busy:
                with suppress(RPCError):
                    message = [Key(str(noise.project_id), str(noise.id))]
                    name = f"{COORDINATOR}-{bench.connection.id}"
                    await client.get_workflow_handle(name).signal("enqueue", message)
            return await copied(bench, prefix) == 1

        # Were it waited for, the run would be taken from the queue, and put back, every half a minute for ever.
        assert await eventually(is_copied), await story(bench, client, key)
        assert (await stuck.describe()).status is WorkflowExecutionStatus.RUNNING


async def story(bench: Bench, client: Client, key: ExecutionKey) -> str:
    """What the control Temporal holds, and what is known of the run."""
    async with bench.store.write() as reader:
        row = await reader.fetchrow(
            "SELECT status, is_final, component_count, sync_status, sync_failures, sync_error, next_sync_at, now() "
            "FROM workflow_executions WHERE id = $1",
            key.id,
        )
    runs = [
        f"{run.id} {run.status and run.status.name} {run.start_time} {run.close_time} {await events(client, run)}"
        async for run in client.list_workflows()
    ]
    return "\n".join([str(row and dict(row)), *runs])


async def events(client: Client, run: WorkflowExecution) -> dict[str, int]:
    """How many of each type it has."""
    history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
    return Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events)


async def test_a_thousand_identical_requests_cost_one_reading(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("storm"), task_queue=bench.queue)
    key = await bench.key_of(handle)
    await sync_execution(bench.parts, key)
    await handle.signal(Steps.step, "one")
    readings = 0
    read_back_to, read_forward = reading.read_back_to, reading.read_forward

    def counted_back(*arguments: Any) -> Any:
        nonlocal readings
        readings += 1
        return read_back_to(*arguments)

    def counted_forward(*arguments: Any) -> Any:
        nonlocal readings
        readings += 1
        return read_forward(*arguments)

    monkeypatch.setattr(reading, "read_back_to", counted_back)
    monkeypatch.setattr(reading, "read_forward", counted_forward)
    looking = ImmediateSync(bench.parts)
    answers = await asyncio.gather(*(looking.refresh(key.id, force=number % 2 == 0) for number in range(1000)))
    assert all(answer.synced for answer in answers)
    assert 1 <= readings <= 2
    await handle.signal(Steps.finish)
    await handle.result()
