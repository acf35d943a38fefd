"""Copies of runs that went through the store, made inside the database by its superuser."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from benchmarks.generate.shape import CROWDING, DAYS, THROUGH_STORE, Part

_FAILS = "n.number % 20 = 0"
_TIMES_OUT = "n.number % 97 = 1"
_IS_OPEN = "n.number % 500 = 2 AND n.started_at > now() - interval '1 day'"
_RUNS = {
    "project_id": "n.project_id",
    "id": "n.id",
    "workflow_id": "n.workflow_id",
    "temporal_workflow_id": "'run-' || n.id",
    "temporal_run_id": "n.id::text",
    "first_run_id": "n.id::text",
    "parent_run_id": "CASE WHEN n.number % 4 = 0 THEN n.model::text END",
    "status": f"CASE WHEN {_IS_OPEN} THEN 'running' WHEN {_FAILS} THEN 'failed' WHEN {_TIMES_OUT} THEN 'timed_out' "
    "ELSE t.status END",
    "is_retried": f"{_FAILS} AND n.number % 60 = 0",
    "error_group": f"CASE WHEN {_FAILS} OR {_TIMES_OUT} THEN 'g' || lpad((n.number % 70)::text, 15, '0') ELSE '' END",
    "error_type": f"CASE WHEN {_FAILS} THEN 'PaymentDeclined' END",
    "error_message": f"CASE WHEN {_FAILS} THEN 'The card was declined.' END",
    "started_at": "n.started_at",
    "duration_ms": f"CASE WHEN NOT ({_IS_OPEN}) THEN t.duration_ms * n.factor END",
    "closed_at": f"CASE WHEN NOT ({_IS_OPEN}) THEN n.started_at + t.duration_ms * n.factor * interval '1 ms' END",
    "is_final": f"NOT ({_IS_OPEN})",
    "build_id": "'build-' || (extract(epoch FROM n.started_at)::bigint / 2592000)",
}
_MOVED = "n.started_at + (t.{} - n.model_started_at) * n.factor"
_COMPONENTS = {
    "project_id": "n.project_id",
    "execution_id": "n.id",
    "scheduled_at": _MOVED.format("scheduled_at"),
    "started_at": _MOVED.format("started_at"),
    "completed_at": _MOVED.format("completed_at"),
    **{f"{clock}_ms": f"t.{clock}_ms * n.factor * (0.5 + random())" for clock in ("duration", "queue", "execution")},
    "status": f"CASE WHEN ({_FAILS}) AND t.name LIKE '%9' THEN 'failed' ELSE t.status END",
    "attempt": f"CASE WHEN ({_FAILS}) AND t.name LIKE '%9' THEN 3 ELSE t.attempt END",
    "reason": f"CASE WHEN ({_FAILS}) AND t.name LIKE '%9' THEN 'exhausted' ELSE t.reason END",
}
_KEYS = {"project_id": "n.project_id", "execution_id": "n.id", "temporal_run_id": "n.id::text"}
_PAGES = {"project_id": "n.project_id", "execution_id": "n.id"}
_FROM = {
    "workflow_executions": (_RUNS, "JOIN workflow_executions t ON t.project_id = n.project_id AND t.id = n.model"),
    "component_executions": (
        _COMPONENTS,
        "JOIN component_executions t ON t.project_id = n.project_id AND t.execution_id = n.model",
    ),
    "execution_keys": (_KEYS, "JOIN execution_keys t ON t.project_id = n.project_id AND t.execution_id = n.model"),
    "history_pages": (_PAGES, "JOIN history_pages t ON t.project_id = n.project_id AND t.execution_id = n.model"),
}


async def copy_runs(admin_url: str, projects: Sequence[UUID], wanted: Sequence[Part]) -> None:
    """Durations spread over some powers of ten; one run in twenty fails, one in a hundred times out, a few are open."""
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute("DROP TABLE IF EXISTS generated_runs, generated_ages")
        await admin.execute(
            """
            CREATE UNLOGGED TABLE generated_ages AS SELECT NULL::uuid AS project_id, NULL::uuid AS workflow_id,
                NULL::uuid AS model, now() AS model_started_at, 0 AS number, interval '0' AS age WHERE false
            """
        )
        await admin.executemany(
            f"""
            INSERT INTO generated_ages
            SELECT m.project_id, m.workflow_id, m.id, m.started_at, n.number, n.age
            FROM (
                SELECT e.project_id, e.workflow_id, e.id, e.started_at FROM workflows w
                JOIN workflow_executions e ON e.project_id = w.project_id AND e.workflow_id = w.id
                WHERE w.project_id = $1 AND w.name = $2 ORDER BY e.id LIMIT 1
            ) m, LATERAL (
                SELECT number, -interval '{DAYS} days' * power(random(), {CROWDING}) AS age
                FROM generate_series(1, $3::integer) number OFFSET 0
            ) n
            """,
            [
                (
                    projects[part.project],
                    f"Workflow {part.workflow}",
                    part.executions - max(round(part.executions * THROUGH_STORE), 1),
                )
                for part in wanted
            ],
        )
        # As they would have come: what belongs to one workflow lies among what the others did at that time.
        await admin.execute(
            """
            CREATE UNLOGGED TABLE generated_runs AS
            SELECT uuidv7(age) AS id, *, now() + age AS started_at, exp(random_normal(3, 1.2)) AS factor
            FROM generated_ages ORDER BY age
            """
        )
        await admin.execute("ANALYZE generated_runs")
        await asyncio.gather(*(_copy(admin_url, table) for table in _FROM))
        await admin.execute("DROP TABLE generated_runs, generated_ages")
    finally:
        await admin.close()


async def _copy(admin_url: str, table: str) -> None:
    """Indexes are made anew behind it, which is far less work than to keep them meanwhile."""
    changed, source = _FROM[table]
    admin = await asyncpg.connect(admin_url)
    try:
        # Nothing here can point anywhere else: foreign keys are not asked for each of the copies.
        await admin.execute(
            "SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '1GB'; "
            "SET work_mem = '256MB'; SET jit = off; SET enable_mergejoin = off"
        )
        columns = [
            row["attname"]
            for row in await admin.fetch(
                "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 "
                "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
                f"public.{table}",
            )
        ]
        values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
        # The models are what the SELECT sees: its moment is before the first copy.
        async with admin.transaction():
            await admin.execute(
                "UPDATE pg_index SET indisready = false, indisvalid = false WHERE indrelid = $1::text::regclass", table
            )
            await admin.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM generated_runs n {source}"
            )
            await admin.execute(f"REINDEX TABLE {table}")
    finally:
        await admin.close()
