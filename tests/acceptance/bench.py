"""One observed namespace, a store, and what a sync needs to join them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import pytest_asyncio
from temporalio.client import Client, WorkflowHandle
from tests.acceptance.observed import observed_worker
from tests.databases import Database, make_project

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.connection import Connection
from watchglass.parse.describe import parse_described
from watchglass.statistics.compare import find_drift
from watchglass.statistics.definitions import RUN_FIGURES
from watchglass.statistics.figures import read_component_figures
from watchglass.statistics.window import Window
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
        await add_runs(self.parts, self.connection, [described])
        # Not what was added: a worker that runs beside the test may have been quicker.
        async with self.store.write() as reader:
            row = await reader.fetchrow(
                "SELECT project_id, execution_id FROM execution_keys WHERE connection_id = $1 AND temporal_run_id = $2",
                self.connection.id,
                described.ref.run_id,
            )
        assert row is not None
        return ExecutionKey(row["project_id"], row["execution_id"])

    async def digest(self, key: ExecutionKey) -> str:
        """Everything that is stored of one run, apart from when it was stored."""
        async with self.store.write() as reader:
            rows = [
                await reader.fetch(query, key.id)
                for query in (
                    "SELECT to_jsonb(e) - ARRAY['synced_at', 'next_sync_at', 'source_checked_at', 'content_revision'] "
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


async def component_counts(store: Store, project_id: UUID, workflow_id: UUID | None = None) -> dict[str, int]:
    """How often each component was used, as statistics say."""
    async with store.write() as reader:
        return {
            row["name"]: row["count"] for row in await read_component_figures(reader, Window(project_id, workflow_id))
        }


async def assert_totals_equal_recomputation(store: Store) -> None:
    """The totals of every workflow and project, and what roll-ups and notes add up to, are what the rows add up to."""
    counted = ", ".join(f"{sql} AS {name}" for name, sql in RUN_FIGURES.items())
    noted = ", ".join(
        "CASE WHEN is_top_level THEN total_runs ELSE 0 END" if name == "top_level_runs" else name
        for name in RUN_FIGURES
    )
    sums = ", ".join(f"sum({name})" for name in RUN_FIGURES)
    async with store.write(isolation="repeatable_read") as reader:
        for table, series in (("workflow_statistics", "workflow_id"), ("project_statistics", "project_id")):
            kept = await reader.fetch(
                f"""
                SELECT series, {sums} FROM (
                    SELECT {series} AS series, {", ".join(RUN_FIGURES)} FROM {table}
                    UNION ALL SELECT series, {noted} FROM run_changes
                    WHERE NOT is_totalled AND (series = project_id) = {str(series == "project_id").lower()}
                ) totals GROUP BY series HAVING sum(total_runs) > 0 ORDER BY 1
                """
            )
            found = await reader.fetch(
                f"SELECT {series} AS series, {counted} FROM workflow_executions e GROUP BY 1 ORDER BY 1"
            )
            assert [tuple(row) for row in kept] == [tuple(row) for row in found], table
        projects = [row["id"] for row in await reader.fetch("SELECT id FROM projects")]
    for project_id in projects:
        assert (await find_drift(store, project_id)).drift == ()
