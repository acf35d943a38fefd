"""What the patrol asks every ten seconds costs what the open runs cost, however many closed ones are not copied."""

import asyncpg
from tests.databases import Database, make_project

from watchglass.store.connections import ensure_connection
from watchglass.store.patrols import _OPEN, _TURNS
from watchglass.store.scope import Store
from watchglass.store.task_queues import _USED
from watchglass.store.workflows import ensure_observed

CLOSED, OPEN = 20_000, 20


async def test_closed_runs_that_are_not_copied_are_not_looked_at(store: Store, database: Database) -> None:
    project_id, _ = await make_project(store, "Listed", owner="ada")
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address="127.0.0.1:1", namespace="a", is_embedded=False
        )
        workflows = await ensure_observed(writer, project_id=project_id, types={"Order"})
        await writer.execute(
            """
            WITH keys AS (
                INSERT INTO execution_keys (connection_id, temporal_run_id, project_id, execution_id)
                SELECT $2, i::text, $1, uuidv7() FROM generate_series(1, $4::integer) i RETURNING *
            )
            INSERT INTO workflow_executions (project_id, id, workflow_id, connection_id, namespace,
                temporal_workflow_id, temporal_run_id, temporal_type, status, started_at, closed_at, task_queue)
            SELECT $1, execution_id, $3, $2, 'a', temporal_run_id, temporal_run_id, 'Order',
                CASE WHEN temporal_run_id::integer <= $5 THEN 'running' ELSE 'completed' END, now(),
                CASE WHEN temporal_run_id::integer > $5 THEN now() END, 'orders' FROM keys
            """,
            project_id,
            connection.id,
            workflows["Order"].id,
            CLOSED + OPEN,
            OPEN,
        )
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("ANALYZE workflow_executions")
    indexed = await admin.fetchval("SELECT reltuples FROM pg_class WHERE relname = 'workflow_executions_open'")
    await admin.close()
    assert indexed == OPEN
    async with store.write() as reader:
        for query, arguments in (
            (f"SELECT count(*) FROM workflow_executions e WHERE {_OPEN}", (connection.id,)),
            (_TURNS, (connection.id, project_id, 20.0, 300.0, 20_000, 20_000_000, 100)),
            (_USED, (project_id, connection.id, 20.0, 75)),
        ):
            plan = "\n".join(row[0] for row in await reader.fetch(f"EXPLAIN {query}", *arguments))
            assert "workflow_executions_open" in plan, plan
            assert "Seq Scan on workflow_executions" not in plan
