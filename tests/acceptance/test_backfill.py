"""Back-fill jobs on the real server: killed in the middle and resumed, in the order of deletion, cancelled, refused."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from tests.acceptance.bench import assert_totals_equal_recomputation
from tests.acceptance.grpc_proxy import GrpcProxy
from tests.acceptance.observed import new_id, observed_worker
from tests.acceptance.test_levels import Mixed, while_backfilling
from tests.databases import Database, make_project

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.connection import ConnectionSettings, Level
from watchglass.store.backfills import NewBackfill, add_backfill, cancel_backfill, read_backfill
from watchglass.store.connections import ensure_connection, insert_connection
from watchglass.store.levels import set_connection_level
from watchglass.store.queue import claim_due
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync import closing_windows
from watchglass.sync.discover import discover
from watchglass.sync.estimate import estimate
from watchglass.sync.one import sync_executions
from watchglass.sync.parts import Parts
from watchglass.temporal.call import CALL_SECONDS
from watchglass.temporal.client import Clients

pytestmark = pytest.mark.acceptance
RUNS = 2_000
OPEN = 20


@workflow.defn
class Nothing:
    """Over at once; told so, it waits for ever instead."""

    @workflow.run
    async def run(self, waits: bool) -> None:
        await workflow.wait_condition(lambda: not waits)


@dataclass(frozen=True)
class Full:
    """A namespace that was there before anybody looked: closed runs, and a few that are open."""

    address: str
    namespace: str
    client: Client
    queue: str


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def full(temporal: EmbeddedTemporal) -> AsyncIterator[Full]:
    name = new_id("full")
    first = await Clients().get(temporal.address, name)
    register = RegisterNamespaceRequest(namespace=name)
    register.workflow_execution_retention_period.FromSeconds(86_400)
    await first.workflow_service.register_namespace(register)
    async with observed_worker(temporal.address, name, workflows=[Nothing], activities=[]) as (client, queue):
        turn = asyncio.Semaphore(40)

        async def one(number: int) -> None:
            async with turn:
                waits = number >= RUNS
                handle = await client.start_workflow(Nothing.run, waits, id=f"old-{number}", task_queue=queue)
                if not waits:
                    await handle.result()

        await eventually_known(client)
        await asyncio.gather(*(one(number) for number in range(RUNS + OPEN)))
        async with asyncio.timeout(120):
            while (await client.count_workflows("CloseTime IS NOT NULL")).count < RUNS:
                await asyncio.sleep(0.2)
        yield Full(temporal.address, name, client, queue)


async def eventually_known(client: Client) -> None:
    async with asyncio.timeout(120):
        while True:
            try:
                await client.count_workflows("CloseTime IS NULL")
                return
            except Exception:
                await asyncio.sleep(0.2)


@pytest_asyncio.fixture(loop_scope="session")
async def place(store: Store, full: Full) -> AsyncIterator[Mixed]:
    """A connection made only now: all of the namespace's runs are older.

    Its scope is no other test's, for of those that ask the same question only the oldest looks.
    """
    project_id, _ = await make_project(store, new_id("late"), owner="ada")
    scope = f"WorkflowType != '{new_id('other')}'"
    async with store.write() as writer:
        connection = await insert_connection(
            writer, project_id, ConnectionSettings(full.address, full.namespace, scope=scope)
        )
    yield Mixed(Parts(store, Clients()), connection)
    async with store.write() as writer:
        await writer.execute("UPDATE backfills SET phase = 'over' WHERE connection_id = $1", connection.id)


async def job_of(place: Mixed, new: NewBackfill) -> Any:
    async with place.store.write() as writer:
        return await add_backfill(writer, place.connection, new)


async def shown(place: Mixed, job: Any) -> dict[str, Any]:
    async with place.store.write() as reader:
        row = await read_backfill(reader, job)
    assert row is not None
    return dict(row)


KILLED = """
import asyncio, os, sys
from watchglass.store.pool import open_pool
from watchglass.store.scope import Store
from watchglass.sync import backfill, closing_windows
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients
from watchglass.temporal import visibility

login, sync, after = sys.argv[1], sys.argv[2], int(sys.argv[3])
closing_windows.WINDOW_RUNS = 300
backfill.HELD_SECONDS = 3.0
pages = 0
take_in = backfill.take_in

async def counted(*args, **kwargs):
    global pages
    pages += 1
    taken = await take_in(*args, **kwargs)
    if pages == after:
        os.kill(os.getpid(), 9)
    return taken

backfill.take_in = counted

async def main():
    store = Store(await open_pool(login, size=2), await open_pool(sync, size=4))
    await backfill.Backfills(Parts(store, Clients())).run()

asyncio.run(main())
"""


async def test_a_backfill_killed_in_the_middle_loses_and_doubles_nothing(
    place: Mixed, full: Full, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = (await full.client.count_workflows("")).count
    monkeypatch.setattr(closing_windows, "WINDOW_RUNS", 300)
    job = await job_of(place, NewBackfill())
    seen: list[int] = []
    for page in (2, 3, 4):
        arguments = [sys.executable, "-c", KILLED, database.login_url, database.sync_url, str(page)]
        killed = await asyncio.to_thread(subprocess.run, arguments, timeout=120, capture_output=True, text=True)
        assert killed.returncode == -9, killed.stderr[-2000:]
        seen.append(len(await place.rows()))
        assert (await shown(place, job))["state"] == "running"
    assert 0 < seen[0] < seen[-1] < RUNS, seen
    copying = asyncio.create_task(copied_in(place, 600))

    async def over() -> bool:
        return (await shown(place, job))["state"] == "done"

    await while_backfilling(place.parts, over, seconds=240)
    await copying
    done = await shown(place, job)
    assert (done["expected_runs"], done["listed_runs"], done["queued_runs"]) == (there,) * 3
    assert (done["waiting_runs"], done["set_aside_runs"], done["missed_runs"]) == (0, 0, 0)
    rows = await place.rows()
    assert len({row["temporal_run_id"] for row in rows}) == len(rows) == there >= RUNS + OPEN
    assert {row["detail_state"] for row in rows} == {"complete"}
    assert sum(row["is_final"] for row in rows) == there - OPEN
    async with place.store.write() as reader:
        counted = await reader.fetchrow(
            "SELECT total_runs, completed_runs, running_runs, detailed_runs FROM project_statistics "
            "WHERE project_id = $1",
            place.connection.project_id,
        )
    assert tuple(counted or ()) == (there, there - OPEN, OPEN, there)
    await assert_totals_equal_recomputation(place.store)


async def copied_in(place: Mixed, tries: int) -> None:
    """Copy what is due until all is, as the workers do."""
    for _ in range(tries):
        await place.copy_due()
        async with place.store.write() as reader:
            copied = await reader.fetchval(
                "SELECT count(*) FROM workflow_executions WHERE connection_id = $1 AND detail_state = 'complete'",
                place.connection.id,
            )
        if copied >= RUNS + OPEN:
            return
        await asyncio.sleep(0.3)


async def test_what_temporal_deletes_first_is_copied_first_and_what_is_new_goes_before_it(
    place: Mixed, full: Full
) -> None:
    await job_of(place, NewBackfill())
    await place.walked()
    new = await place_new_run(place, full)
    by_id = {row["id"]: row for row in await place.rows()}
    first = await claimed(place, limit=100)
    assert new in {key.id for key in first}, "a new run is not kept waiting"
    old = [by_id[key.id] for key in first if by_id[key.id]["backfill_id"] is not None]
    assert len(old) == 100
    oldest = sorted(row["closed_at"] for row in by_id.values() if row["backfill_id"] and row["closed_at"])[:100]
    assert sorted(row["closed_at"] for row in old) == oldest
    assert await claimed(place, limit=100) == [], "those under way are waited for"
    await sync_executions(place.parts, [ExecutionKey(row["project_id"], row["id"]) for row in old[:60]])
    assert len(await claimed(place, limit=100)) == 60, "and others follow"


async def claimed(place: Mixed, *, limit: int) -> list[ExecutionKey]:
    async with place.store.write() as writer:
        claim = await claim_due(
            writer, connection_id=place.connection.id, limit=1000, lease_seconds=60, backfill_limit=limit
        )
    return [key for key, _ in claim.runs]


async def test_until_somebody_says_how_far_back_older_runs_wait_and_new_ones_are_copied(
    place: Mixed, full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The runs are older than the connection, but not by the minutes by which two looks overlap.
    monkeypatch.setattr("watchglass.sync.discover.OVERLAP", timedelta(0))
    monkeypatch.setattr("watchglass.sync.discover.LONG_OVERLAP", timedelta(0))
    await discover(place.parts, place.connection)
    before = await place.rows()
    assert len(before) < RUNS / 10, "the newest one, and what happened in the same moment"
    new = await place_new_run(place, full)
    assert [key.id for key in await claimed(place, limit=100) if key.id == new] == [new]


async def place_new_run(place: Mixed, full: Full) -> UUID:
    """Start a run, look until it is found, and say which row it is."""
    handle = await full.client.start_workflow(Nothing.run, False, id=new_id("new"), task_queue=full.queue)
    await handle.result()
    async with asyncio.timeout(120):
        while True:
            await discover(place.parts, place.connection)
            for row in await place.rows():
                if row["temporal_workflow_id"] == handle.id:
                    return UUID(str(row["id"]))
            await asyncio.sleep(0.2)


async def test_a_cancelled_backfill_takes_its_runs_out_of_the_queue_and_keeps_what_it_copied(place: Mixed) -> None:
    job = await job_of(place, NewBackfill())
    await place.walked()
    keys = await claimed(place, limit=100)
    await sync_executions(place.parts, keys)
    async with place.store.write() as writer:
        await cancel_backfill(writer, job)

    async def released() -> bool:
        return (await shown(place, job))["phase"] == "over"

    await while_backfilling(place.parts, released)
    rows = await place.rows()
    assert len(rows) >= RUNS + OPEN
    assert sum(row["detail_state"] == "complete" for row in rows) == len(keys) == 100
    assert all(row["next_sync_at"] is None for row in rows if row["detail_state"] == "none")
    done = await shown(place, job)
    assert (done["state"], done["queued_runs"]) == ("cancelled", 100)
    await assert_totals_equal_recomputation(place.store)


async def test_a_query_that_temporal_refuses_ends_the_job_with_the_reason(place: Mixed) -> None:
    job = await job_of(place, NewBackfill(query="NoSuchAttribute = 1"))

    async def ended() -> bool:
        return (await shown(place, job))["state"] == "failed"

    await while_backfilling(place.parts, ended)
    assert "NoSuchAttribute" in (await shown(place, job))["error"]


async def test_lists_that_take_longer_than_a_page_can_wait_are_waited_for(store: Store, full: Full) -> None:
    project_id, _ = await make_project(store, new_id("slow"), owner="ada")
    async with GrpcProxy(full.address) as proxy:
        proxy.delays["ListWorkflowExecutions"] = CALL_SECONDS + 0.7
        async with store.write() as writer:
            connection = await ensure_connection(
                writer, project_id=project_id, address=proxy.address, namespace=full.namespace, is_embedded=False
            )
        slow = Mixed(Parts(store, Clients()), connection)
        job = await job_of(slow, NewBackfill(query="WorkflowId IN ('old-1', 'old-2')"))

        async def is_listed() -> bool:
            return (await shown(slow, job))["phase"] == "copying"

        await while_backfilling(slow.parts, is_listed)
        rows = await slow.rows()
        assert {row["temporal_workflow_id"] for row in rows} == {"old-1", "old-2"}
        assert (await shown(slow, job))["error"] is None
        async with store.write() as writer:
            await writer.execute("UPDATE backfills SET phase = 'over' WHERE connection_id = $1", connection.id)


async def test_the_estimate_is_what_copying_then_takes(place: Mixed, full: Full) -> None:
    told = await estimate(place.parts, place.connection.id, None)
    closed = (await full.client.count_workflows("CloseTime IS NOT NULL")).count
    assert (told.counted.runs, told.counted.open, told.counted.failed) == (closed + OPEN, OPEN, 0)
    *_, failed, everything = told.levels
    assert (failed.level, failed.runs) == (Level.FAILED, round((closed + OPEN) / 20))
    assert told.proposed is Level.ALL
    await job_of(place, NewBackfill())
    await place.walked()
    await copied_in(place, 300)
    rows = await place.rows()
    events = sum(row["history_length"] for row in rows)
    assert abs(everything.events - events) <= events * 0.05
    assert everything.runs == len(rows)
    assert everything.bytes > 0 and everything.seconds > 0
    since = datetime.now(UTC) + timedelta(hours=1)
    assert (await estimate(place.parts, place.connection.id, since)).counted.runs == 0


async def test_a_level_below_all_lists_every_run_and_queues_what_it_covers(place: Mixed) -> None:
    async with place.store.write() as writer:
        await set_connection_level(writer, place.connection, Level.VIEWED)
    job = await job_of(place, NewBackfill())

    async def over() -> bool:
        return (await shown(place, job))["state"] == "done"

    await while_backfilling(place.parts, over)
    rows = await place.rows()
    done = await shown(place, job)
    assert done["listed_runs"] == len(rows) >= RUNS + OPEN
    assert done["queued_runs"] == 0
    assert all(row["next_sync_at"] is None for row in rows)
    await assert_totals_equal_recomputation(place.store)
