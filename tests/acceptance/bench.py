"""One observed namespace, a store, and what a sync needs to join them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256

import pytest_asyncio
from temporalio.client import Client, WorkflowHandle
from tests.acceptance.observed import observed_worker
from tests.databases import Database, make_project

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.connection import Connection
from watchglass.parse.describe import parse_described
from watchglass.statistics.contribution import components_query, queues_query, runs_query
from watchglass.store.connections import ensure_connection
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.listing import add_runs
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients
from watchglass.temporal.describe import describe_run


@dataclass(frozen=True)
class Bench:
    store: Store
    parts: Parts
    connection: Connection
    client: Client
    queue: str

    async def key_of(self, handle: WorkflowHandle) -> ExecutionKey:
        access = await self.parts.access(self.connection)
        described = parse_described(await describe_run(access, handle.id))
        (key,) = await add_runs(self.parts, self.connection, [described])
        return key

    async def digest(self, key: ExecutionKey) -> str:
        """Everything that is stored of one run, apart from when it was stored."""
        async with self.store.write() as reader:
            rows = [
                await reader.fetch(query, key.id)
                for query in (
                    "SELECT to_jsonb(e) - ARRAY['synced_at', 'next_sync_at', 'source_checked_at'] "
                    "FROM workflow_executions e WHERE id = $1",
                    "SELECT to_jsonb(c) FROM component_executions c WHERE execution_id = $1 ORDER BY event_id",
                    "SELECT to_jsonb(j) FROM node_journal j WHERE execution_id = $1 ORDER BY event_id, position",
                    "SELECT min(first_event_id), max(last_event_id), sum(last_event_id - first_event_id + 1) "
                    "FROM history_pages WHERE execution_id = $1",
                )
            ]
        return sha256(repr(rows).encode()).hexdigest()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bench(database: Database, store: Store, temporal: EmbeddedTemporal) -> AsyncIterator[Bench]:
    project_id, _ = await make_project(store, "Observed", owner="ada")
    async with store.write() as writer:
        connection = await ensure_connection(
            writer,
            project_id=project_id,
            address=temporal.address,
            namespace="default",
            is_embedded=True,
            http_address=temporal.http_address,
        )
    async with observed_worker(temporal.address) as (client, queue):
        yield Bench(store, Parts(store, Clients()), connection, client, queue)


async def assert_totals_equal_recomputation(store: Store) -> None:
    """The stored totals of every workflow, component and task queue are what their rows add up to."""
    async with store.write() as reader:
        for table, count, query, order in (
            ("workflow_statistics", "total_runs", runs_query("true"), "1, 2"),
            ("component_statistics", "count", components_query("true"), "1, 2, 3, 4"),
            ("task_queue_statistics", "total_runs", queues_query("true"), "1, 2"),
        ):
            kept = await reader.fetch(f"SELECT * FROM {table} WHERE {count} > 0 ORDER BY {order}")
            counted = await reader.fetch(f"{query} ORDER BY {order}")
            assert [tuple(row) for row in kept] == [tuple(row) for row in counted], table
