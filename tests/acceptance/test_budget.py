"""A server that allows few calls a second: everything is copied, nobody is crowded out, and who waits is served."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode, WorkflowService
from tests.acceptance.bench import assert_totals_equal_recomputation
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import Greeting, new_id, observed_worker
from tests.databases import Database, make_project
from tests.servers import make_shared_directory

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.connection import Connection
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.store.backfills import ensure_backfill
from watchglass.store.connections import ensure_connection
from watchglass.store.scope import Store
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.listing import add_runs, read_listed
from watchglass.sync.one import sync_executions
from watchglass.sync.parts import Parts
from watchglass.sync.worker import CONTROL_NAMESPACE, run_worker
from watchglass.temporal.access import CallKind
from watchglass.temporal.client import Clients
from watchglass.temporal.visibility import list_runs

pytestmark = pytest.mark.acceptance

RUNS = 1_000
LIMITS = {"frontend.namespaceRPS": "50", "frontend.namespaceRPS.visibility": "10"}
VISIBILITY, HISTORY = 5.0, 50.0
"""What a connection's budget is when nobody sets it."""
_VISIBILITY_CALLS = {"list_workflow_executions", "count_workflow_executions", "describe_namespace"}


@dataclass(slots=True)
class Meter:
    """When which kind of call left a process, and how many the server refused."""

    made: dict[CallKind, list[float]] = field(default_factory=lambda: {kind: [] for kind in CallKind})
    refused: int = 0

    def most_within(self, kind: CallKind, seconds: float) -> int:
        """The most calls that began within any such stretch of time."""
        times = sorted(self.made[kind])
        return max((sum(start <= at < start + seconds for at in times) for start in times), default=0)


class MeteredService:
    def __init__(self, service: WorkflowService, meter: Meter) -> None:
        self._service = service
        self._meter = meter

    def __getattr__(self, name: str) -> Any:
        rpc = getattr(self._service, name)
        kind = CallKind.VISIBILITY if name in _VISIBILITY_CALLS else CallKind.HISTORY

        async def metered(*args: Any, **options: Any) -> Any:
            self._meter.made[kind].append(time.monotonic())
            try:
                return await rpc(*args, **options)
            except RPCError as error:
                self._meter.refused += error.status is RPCStatusCode.RESOURCE_EXHAUSTED
                raise

        return metered


@dataclass(slots=True)
class MeteredClients(Clients):
    meter: Meter = field(default_factory=Meter)

    async def service(self, connection: Connection, credentials: Credentials = NO_CREDENTIALS) -> WorkflowService:
        return MeteredService(await Clients.service(self, connection, credentials), self.meter)  # type: ignore[return-value]


@dataclass(frozen=True)
class Limited:
    address: str
    ids: set[str]
    """Of the runs that were there before the server was limited, which have all ended."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def limited() -> AsyncIterator[Limited]:
    """A namespace with runs, whose server allows few calls a second."""
    directory = make_shared_directory()
    ids = {f"order-{number}" for number in range(RUNS)}
    async with server_on(directory, {}) as server, observed_worker(server.address) as (client, queue):
        turn = asyncio.Semaphore(30)

        async def run(workflow_id: str) -> None:
            async with turn:
                await client.execute_workflow(Greeting.run, ["Ada"], id=workflow_id, task_queue=queue)

        await asyncio.gather(*map(run, ids))
    async with server_on(directory, LIMITS) as server:
        yield Limited(server.address, ids)
    shutil.rmtree(directory)


@asynccontextmanager
async def server_on(directory: Path, config: dict[str, str]) -> AsyncIterator[EmbeddedTemporal]:
    server = EmbeddedTemporal(directory, preferred_port=0, dynamic_config=config)
    await server.start()
    yield server
    await server.stop()


async def connect(store: Store, address: str, *, project: str) -> Connection:
    project_id, _ = await make_project(store, project, owner="ada")
    async with store.write() as writer:
        return await ensure_connection(
            writer, project_id=project_id, address=address, namespace="default", is_embedded=False
        )


async def copied(store: Store) -> set[str]:
    async with store.write() as reader:
        rows = await reader.fetch(
            "SELECT temporal_workflow_id FROM workflow_executions e JOIN projects p ON p.id = e.project_id "
            "WHERE p.name = 'Limited' AND is_final AND detail_state = 'complete'"
        )
    assert len({row[0] for row in rows}) == len(rows)
    return {row[0] for row in rows}


async def test_a_backfill_loses_nothing_keeps_to_its_budget_and_leaves_the_workers_theirs(
    limited: Limited, database: Database, store: Store, temporal: EmbeddedTemporal
) -> None:
    connection = await connect(store, limited.address, project="Limited")
    async with store.write() as writer:
        await ensure_backfill(writer, connection)
    meter = Meter()
    workers = []
    stores = [await database.open_store(size=8) for _ in range(2)]
    began = time.monotonic()
    for own in stores:
        # A client each, as two processes have.
        control = await Client.connect(temporal.address, namespace=CONTROL_NAMESPACE)
        workers.append(asyncio.create_task(run_worker(Parts(own, MeteredClients(meter=meter)), control)))
    ids = set(limited.ids)
    async with observed_worker(limited.address) as (client, queue):
        while not limited.ids <= await copied(store):
            assert not any(worker.done() for worker in workers)
            assert time.monotonic() - began < 350, len(await copied(store))
            beat = new_id("beat")
            await client.execute_workflow(Greeting.run, ["Bob"], id=beat, task_queue=queue)
            ids.add(beat)
            await asyncio.sleep(0.5)

        async def everything_is_copied() -> bool:
            return await copied(store) == ids

        assert await eventually(everything_is_copied, seconds=60)
        listed = {run.id async for run in client.list_workflows()}
    for worker in workers:
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
    for own in stores:
        await own.close()
    assert listed == ids
    for seconds in (1.0, 5.0, 20.0):
        assert meter.most_within(CallKind.HISTORY, seconds) <= HISTORY * (seconds + 1)
        assert meter.most_within(CallKind.VISIBILITY, seconds) <= VISIBILITY * (seconds + 1)
    assert meter.refused <= RUNS / 20, "it slows down when the server says so"
    async with store.write() as reader:
        assert await reader.fetchval("SELECT count(*) FROM workflow_executions WHERE sync_failures > 0") == 0
        assert await reader.fetchval("SELECT count(*) FROM sync_gaps") == 0
    await assert_totals_equal_recomputation(store)


async def test_who_looks_at_a_run_is_served_while_a_backfill_has_drained_the_budget(
    limited: Limited, database: Database, store: Store
) -> None:
    connection = await connect(store, limited.address, project="Looked at")
    async with store.write() as writer:
        # Of every project that looks at it: one alone makes the others no slower than an even share.
        await writer.execute("UPDATE connections SET history_per_second = 0.001")
        await writer.execute("DELETE FROM call_budgets")
    parts = Parts(store, Clients())
    access = await parts.access(connection)
    page = await anext(list_runs(access, "WorkflowId STARTS_WITH 'order-'", page_size=31))
    keys = await add_runs(parts, connection, [read_listed(info) for info in page])
    assert len(keys) == 31
    background = asyncio.create_task(sync_executions(parts, keys[1:]))
    other = await database.open_store(size=4)

    async def is_drained() -> bool:
        async with store.write() as reader:
            tokens = await reader.fetchval("SELECT tokens FROM call_budgets WHERE kind = 'history'")
        return tokens is not None and tokens < 1.4

    assert await eventually(is_drained)
    answer = await ImmediateSync(Parts(other, Clients())).refresh(keys[0].id)
    assert answer.synced, answer
    assert not background.done()
    background.cancel()
    with suppress(asyncio.CancelledError):
        await background
    await other.close()
    async with store.write() as writer:
        await writer.execute("UPDATE connections SET history_per_second = $1", HISTORY)
        await writer.execute("DELETE FROM call_budgets")
