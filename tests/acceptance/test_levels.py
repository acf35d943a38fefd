"""Each level over a mixed set of runs on the real server: what is copied, what is only listed, and what changes it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import WorkflowFailureError, WorkflowHandle
from tests.acceptance.bench import assert_totals_equal_recomputation
from tests.acceptance.observed import Greeting, Steps, new_id, observed_worker
from tests.databases import make_project

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.errors import WatchglassError
from watchglass.model.connection import Connection, Level
from watchglass.model.level import is_sampled
from watchglass.model.status import SyncStatus
from watchglass.parse import PARSE_VERSION
from watchglass.store.connections import ensure_connection, read_connection
from watchglass.store.levels import set_connection_level, set_workflow_level
from watchglass.store.queue import claim_due
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey, mark_failed
from watchglass.sync.backfill import Backfills
from watchglass.sync.discover import discover
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.one import sync_executions
from watchglass.sync.parts import Parts
from watchglass.sync.rederive import rederive
from watchglass.temporal.client import Clients

pytestmark = pytest.mark.acceptance
COMPLETED = 30


class Mixed:
    """A namespace with closed, failed, terminated and open runs, and what is known of them."""

    def __init__(self, parts: Parts, connection: Connection) -> None:
        self.parts = parts
        self.store = parts.store
        self.connection = connection
        self.open: list[WorkflowHandle[Any, Any]] = []

    async def rows(self) -> list[dict[str, Any]]:
        async with self.store.write() as reader:
            found = await reader.fetch(
                "SELECT * FROM workflow_executions WHERE connection_id = $1 ORDER BY started_at", self.connection.id
            )
        # How often a run was derived is no part of what it is.
        return [{name: value for name, value in row.items() if name != "content_revision"} for row in found]

    async def copy_due(self) -> int:
        """What the workers would do with the queue, until nothing is due."""
        count = 0
        while True:
            async with self.store.write() as writer:
                claim = await claim_due(
                    writer, connection_id=self.connection.id, limit=1000, lease_seconds=0.5, backfill_limit=1000
                )
            if not claim.runs:
                return count
            await sync_executions(self.parts, [key for key, _ in claim.runs])
            count += len(claim.runs)

    async def settle(self) -> None:
        """Look until the list says how every run but the open ones ended."""
        async with asyncio.timeout(120):
            while True:
                await discover(self.parts, self.connection)
                rows = await self.rows()
                if sum(row["closed_at"] is None and row["next_sync_at"] is None for row in rows) <= len(self.open):
                    return
                await asyncio.sleep(0.3)

    async def level(self, level: Level) -> None:
        """Set it, and have its job walked to its end."""
        async with self.store.write() as writer:
            await set_connection_level(writer, self.connection, level)
        await self.walked()

    async def walked(self) -> None:
        async def all_listed() -> bool:
            async with self.store.write() as reader:
                return not await reader.fetchval(
                    "SELECT count(*) FROM backfills WHERE connection_id = $1 AND phase NOT IN ('copying', 'over')",
                    self.connection.id,
                )

        await while_backfilling(self.parts, all_listed)


async def while_backfilling(parts: Parts, done: Callable[[], Awaitable[bool]], *, seconds: float = 60) -> None:
    """Have the jobs walked until it is done."""
    working = asyncio.create_task(Backfills(parts).run())
    try:
        async with asyncio.timeout(seconds):
            while not await done():
                assert not working.done(), working
                await asyncio.sleep(0.2)
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


@pytest_asyncio.fixture(loop_scope="session")
async def mixed(store: Store, temporal: EmbeddedTemporal, request: pytest.FixtureRequest) -> AsyncIterator[Mixed]:
    name = new_id("mixed")
    project_id, _ = await make_project(store, name, owner="ada")
    parts = Parts(store, Clients())
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address=temporal.address, namespace=name, is_embedded=False
        )
        await set_connection_level(writer, connection, Level(request.param))
    client = await Clients().get(temporal.address, name)
    register = RegisterNamespaceRequest(namespace=name)
    register.workflow_execution_retention_period.FromSeconds(86_400)
    await client.workflow_service.register_namespace(register)
    place = Mixed(parts, connection)
    async with asyncio.timeout(120):
        while True:
            try:
                await discover(parts, connection)
                break
            except WatchglassError:
                await asyncio.sleep(0.2)
    async with observed_worker(temporal.address, name) as (client, queue):
        closed = [
            await client.start_workflow(Greeting.run, ["Ada"], id=f"plain-{n}", task_queue=queue)
            for n in range(COMPLETED)
        ]
        failing = await client.start_workflow("Unserved", id="terminated", task_queue="nobody-polls")
        place.open = [await client.start_workflow(Steps.run, id=f"open-{n}", task_queue=queue) for n in range(3)]
        await asyncio.gather(*(handle.result() for handle in closed))
        await failing.terminate("no such type")
        with suppress(WorkflowFailureError):
            await failing.result()
        await place.settle()
        yield place


def detailed(rows: list[dict[str, Any]]) -> set[str]:
    return {row["temporal_workflow_id"] for row in rows if row["detail_state"] != "none"}


def sampled(rows: list[dict[str, Any]]) -> set[str]:
    return {row["temporal_workflow_id"] for row in rows if is_sampled(row["temporal_run_id"])}


@pytest.mark.parametrize("mixed", ["list", "viewed", "failed", "all"], indirect=True)
async def test_what_each_level_copies_and_that_the_list_says_how_all_ended(mixed: Mixed) -> None:
    await mixed.copy_due()
    await mixed.settle()
    rows = await mixed.rows()
    every = {row["temporal_workflow_id"] for row in rows}
    assert len(every) == COMPLETED + 4
    level = (await fresh(mixed)).level
    assert (
        detailed(rows)
        == {
            Level.LIST: set(),
            Level.VIEWED: set(),
            Level.FAILED: {"terminated"} | sampled(rows),
            Level.ALL: every,
        }[level]
    )
    ended = {row["temporal_workflow_id"]: row["status"] for row in rows}
    assert ended.pop("terminated") == "terminated"
    assert {status for name, status in ended.items() if name.startswith("plain")} == {"completed"}
    assert {status for name, status in ended.items() if name.startswith("open")} == {"running"}
    listed = [row for row in rows if row["detail_state"] == "none"]
    assert all(row["next_sync_at"] is None and not row["is_final"] for row in listed)
    assert all(row["duration_ms"] is not None for row in listed if row["closed_at"] is not None)
    await assert_totals_equal_recomputation(mixed.store)


async def fresh(mixed: Mixed) -> Connection:
    async with mixed.store.write() as reader:
        found = await read_connection(reader, mixed.connection.id)
    assert found is not None
    return found


@pytest.mark.parametrize("mixed", ["list"], indirect=True)
async def test_an_open_run_at_level_list_closes_by_the_list_alone(mixed: Mixed) -> None:
    await mixed.open[0].signal(Steps.finish)
    await mixed.open[0].result()
    await mixed.open[1].cancel()
    with suppress(WorkflowFailureError):
        await mixed.open[1].result()
    mixed.open = mixed.open[2:]
    await mixed.settle()
    rows = {row["temporal_workflow_id"]: row for row in await mixed.rows()}
    assert [rows[f"open-{n}"]["status"] for n in range(3)] == ["completed", "cancelled", "running"]
    assert rows["open-0"]["duration_ms"] > 0
    assert detailed(list(rows.values())) == set()
    await assert_totals_equal_recomputation(mixed.store)


@pytest.mark.parametrize("mixed", ["viewed"], indirect=True)
async def test_looking_at_a_run_copies_it_and_keeps_an_open_one_fresh(mixed: Mixed) -> None:
    rows = {row["temporal_workflow_id"]: row for row in await mixed.rows()}
    looking = ImmediateSync(mixed.parts)
    for name in ("plain-0", "open-0"):
        assert (await looking.refresh(rows[name]["id"])).synced
    rows = {row["temporal_workflow_id"]: row for row in await mixed.rows()}
    assert detailed(list(rows.values())) == {"plain-0", "open-0"}
    assert (rows["plain-0"]["is_final"], rows["plain-0"]["component_count"]) == (True, 1)
    assert rows["open-0"]["next_sync_at"] is not None
    await assert_totals_equal_recomputation(mixed.store)


@pytest.mark.parametrize("mixed", ["list"], indirect=True)
async def test_a_run_copied_once_at_level_list_says_that_its_copy_ended_before_it_did(mixed: Mixed) -> None:
    (open_row,) = [row for row in await mixed.rows() if row["temporal_workflow_id"] == "open-0"]
    await mixed.open[0].signal(Steps.step, "Ada")
    await sync_executions(mixed.parts, [ExecutionKey(open_row["project_id"], open_row["id"])])
    (copied,) = [row for row in await mixed.rows() if row["id"] == open_row["id"]]
    assert (copied["detail_state"], copied["next_sync_at"]) == ("complete", None)
    await mixed.open[0].signal(Steps.finish)
    await mixed.open[0].result()
    mixed.open = mixed.open[1:]
    await mixed.settle()
    (closed,) = [row for row in await mixed.rows() if row["id"] == open_row["id"]]
    assert (closed["status"], closed["detail_state"], closed["is_final"]) == ("completed", "partial", False)
    assert (closed["phase"], closed["current_step"]) == (None, None)
    async with mixed.store.write() as reader:
        left = await reader.fetchval(
            "SELECT count(*) FROM component_executions WHERE execution_id = $1 AND status IN ('pending', 'running')",
            open_row["id"],
        )
    assert left == 0
    await assert_totals_equal_recomputation(mixed.store)
    key = ExecutionKey(open_row["project_id"], open_row["id"])
    assert (await rederive(mixed.store, [key], below=PARSE_VERSION + 1)).done == 1
    (derived,) = [row for row in await mixed.rows() if row["id"] == open_row["id"]]
    assert derived == closed, "what is stored of its history does not tell of its end, and the list did"
    await assert_totals_equal_recomputation(mixed.store)
    await sync_executions(mixed.parts, [key])
    (whole,) = [row for row in await mixed.rows() if row["id"] == open_row["id"]]
    assert (whole["detail_state"], whole["is_final"], whole["step_statuses"]) == ("complete", True, ["completed"] * 3)
    await assert_totals_equal_recomputation(mixed.store)


@pytest.mark.parametrize("mixed", ["list"], indirect=True)
async def test_raising_queues_what_is_now_covered_and_lowering_takes_it_out(mixed: Mixed) -> None:
    await mixed.level(Level.FAILED)
    rows = await mixed.rows()
    covered = {"terminated"} | sampled(rows)
    assert {row["temporal_workflow_id"] for row in rows if row["next_sync_at"] is not None} == covered
    await mixed.level(Level.VIEWED)
    assert all(row["next_sync_at"] is None and row["backfill_id"] is None for row in await mixed.rows())
    await mixed.level(Level.ALL)
    assert await mixed.copy_due() == COMPLETED + 4
    rows = await mixed.rows()
    assert len(detailed(rows)) == COMPLETED + 4
    await mixed.level(Level.LIST)
    rows = await mixed.rows()
    assert len(detailed(rows)) == COMPLETED + 4, "what was copied stays"
    assert all(row["next_sync_at"] is None for row in rows)
    await assert_totals_equal_recomputation(mixed.store)


@pytest.mark.parametrize("mixed", ["all"], indirect=True)
async def test_a_try_that_fails_does_not_bring_back_a_run_that_its_level_took_out_meanwhile(mixed: Mixed) -> None:
    failing = [row for row in await mixed.rows() if row["temporal_workflow_id"] in ("plain-0", "plain-1")]
    queued, taken_out = [ExecutionKey(row["project_id"], row["id"]) for row in failing]
    assert all(row["next_sync_at"] is not None for row in failing)
    await _fail(mixed, queued)
    await mixed.level(Level.LIST)
    await _fail(mixed, taken_out)
    rows = {row["id"]: row for row in await mixed.rows()}
    assert rows[queued.id]["next_sync_at"] is None, "out of the queue as all others"
    assert (rows[taken_out.id]["next_sync_at"], rows[taken_out.id]["sync_status"]) == (None, "failed")
    await mixed.level(Level.ALL)
    async with mixed.store.write() as reader:
        assert await reader.fetchval("SELECT next_sync_at FROM workflow_executions WHERE id = $1", taken_out.id)


async def _fail(mixed: Mixed, key: ExecutionKey) -> None:
    async with mixed.store.write() as writer:
        await mark_failed(writer, key, error="no", status=SyncStatus.FAILED, failures=1, next_in_seconds=3600)


@pytest.mark.parametrize("mixed", ["list"], indirect=True)
async def test_a_workflow_has_a_level_of_its_own(mixed: Mixed) -> None:
    rows = await mixed.rows()
    (steps,) = {row["workflow_id"] for row in rows if row["temporal_type"] == "Steps"}
    await set_level(mixed, steps, Level.ALL)
    assert await mixed.copy_due() == 3
    await mixed.level(Level.FAILED)
    await mixed.copy_due()
    assert detailed(await mixed.rows()) == {"open-0", "open-1", "open-2", "terminated"} | sampled(rows)
    await set_level(mixed, steps, None)
    following = [row for row in await mixed.rows() if row["workflow_id"] == steps and row["next_sync_at"] is not None]
    assert len(following) == 3, "at `failed` they are followed on, because they were copied"


async def set_level(mixed: Mixed, workflow_id: UUID, level: Level | None) -> None:
    async with mixed.store.write() as writer:
        await set_workflow_level(writer, mixed.connection.project_id, workflow_id, level)
    await mixed.walked()
