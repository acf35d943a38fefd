"""Many projects beside one large one, made of copies of one run that is there, with everything that hangs on it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import asyncpg

_RUNS = "workflow_executions"
_KEYS = "execution_keys"
_HAS_FAILED = "n.number % 10 = 0"
_LANES = 2
"""Tables that are filled at the same time."""


@dataclass(frozen=True, slots=True)
class Large:
    """How much is made. The large project gets its runs one minute apart, the newest first."""

    runs: int = 6_000
    """Of the project that is there."""
    projects: int = 200
    """Others, of nobody."""
    runs_each: int = 200


@dataclass(frozen=True, slots=True)
class Copy:
    table: str
    changed: Mapping[str, str]
    """Columns that differ from the model's, as expressions over it (`t`) and what there is to be (`n`)."""
    per: Literal["project", "run"]


_OF_RUN = {"project_id": "n.project_id", "execution_id": "n.id"}
_OF_WORKFLOW = {"project_id": "n.project_id", "workflow_id": "n.workflow_id"}
_COPIES = (
    Copy(
        _RUNS,
        {
            "project_id": "n.project_id",
            "id": "n.id",
            "workflow_id": "n.workflow_id",
            "connection_id": "n.connection_id",
            "temporal_run_id": "n.id::text",
            "temporal_workflow_id": "'copy ' || n.number",
            "started_at": "t.started_at - n.number * interval '1 minute'",
            "closed_at": "t.closed_at - n.number * interval '1 minute'",
            "parent_run_id": "NULL",
            "first_run_id": "n.id::text",
            "status": f"CASE WHEN {_HAS_FAILED} THEN 'failed' ELSE t.status END",
            "error_group": f"CASE WHEN {_HAS_FAILED} THEN 'g' || lpad((n.number % 70)::text, 15, '0') ELSE '' END",
        },
        per="run",
    ),
    Copy(_KEYS, {**_OF_RUN, "connection_id": "n.connection_id", "temporal_run_id": "n.id::text"}, per="run"),
    Copy("projects", {"id": "n.project_id", "name": "'large ' || n.project_id"}, per="project"),
    Copy("connections", {"project_id": "n.project_id", "id": "n.connection_id"}, per="project"),
    Copy("workflows", {"project_id": "n.project_id", "id": "n.workflow_id"}, per="project"),
    Copy("workflow_statistics", _OF_WORKFLOW, per="project"),
    Copy("component_statistics", _OF_WORKFLOW, per="project"),
)

_REMOVED_ERRORS = """
    INSERT INTO removed_errors
    SELECT e.project_id, e.workflow_id, date_trunc('day', e.started_at, 'UTC') - day * interval '1 day', e.error_group,
        '', '', 0, true, count(*), min(e.started_at), max(e.started_at), max(e.error_type), max(e.failed_step)
    FROM workflow_executions e, generate_series(100, 102) day WHERE e.status = 'failed' GROUP BY 1, 2, 3, 4
    ON CONFLICT DO NOTHING
"""
"""Of runs like those that failed, some months before."""


async def grow(admin_url: str, project_id: UUID, execution_id: UUID, large: Large) -> None:
    """`execution_id` is the run of `project_id` that all others are copies of. Ends with an ANALYZE."""
    admin = await asyncpg.connect(admin_url)
    try:
        await _plan(admin, project_id, execution_id, large)
        copies = [*_COPIES, *(Copy(table, _OF_RUN, per="run") for table in await _tables_of_runs(admin))]
        lanes = asyncio.Semaphore(_LANES)
        await asyncio.gather(*(_fill(admin_url, lanes, copy) for copy in copies))
        await admin.execute("DROP TABLE large_projects, large_runs")
        await admin.execute(_REMOVED_ERRORS)
        # Not before all of it is there: what is younger than a transaction that still runs is visible to all to nobody.
        await admin.execute("VACUUM ANALYZE")
    finally:
        await admin.close()


async def _fill(admin_url: str, lanes: asyncio.Semaphore, copy: Copy) -> None:
    """Copy into a table whose indexes are made anew behind it, which is far less work than to keep them meanwhile."""
    async with lanes:
        admin = await asyncpg.connect(admin_url)
        try:
            # Nothing here can point anywhere else: foreign keys are not asked for each of the copies.
            await admin.execute(
                "SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '1GB'"
            )
            async with admin.transaction():
                await admin.execute(
                    "UPDATE pg_index SET indisready = false, indisvalid = false WHERE indrelid = $1::text::regclass",
                    copy.table,
                )
                await _copy_rows(admin, copy)
                await admin.execute(f"REINDEX TABLE {copy.table}")
        finally:
            await admin.close()


async def _plan(admin: Any, project_id: UUID, execution_id: UUID, large: Large) -> None:
    """The tables `large_projects` and `large_runs`: which copies there are to be."""
    await admin.execute("DROP TABLE IF EXISTS large_projects, large_runs")
    await admin.execute(
        f"""
        CREATE UNLOGGED TABLE large_projects AS
            SELECT gen_random_uuid() AS project_id, gen_random_uuid() AS connection_id,
                gen_random_uuid() AS workflow_id, {large.runs_each} AS runs, false AS is_there
            FROM generate_series(1, {large.projects});
        INSERT INTO large_projects
            SELECT project_id, connection_id, workflow_id, {large.runs}, true FROM workflow_executions
            WHERE project_id = '{project_id}' AND id = '{execution_id}';
        CREATE UNLOGGED TABLE large_runs AS
            SELECT gen_random_uuid() AS id, p.project_id, p.connection_id, p.workflow_id, number,
                '{project_id}'::uuid AS from_project, '{execution_id}'::uuid AS from_run
            FROM large_projects p, LATERAL generate_series(1, p.runs) number;
        ANALYZE large_projects, large_runs;
        """
    )


async def _tables_of_runs(admin: Any) -> list[str]:
    rows = await admin.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'execution_id' "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> $1 ORDER BY 1",
        _KEYS,
    )
    return [row["relname"] for row in rows]


async def _copy_rows(admin: Any, copy: Copy) -> None:
    table, changed = copy.table, copy.changed
    columns = [
        row["attname"]
        for row in await admin.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped "
            "AND attgenerated = '' ORDER BY attnum",
            f"public.{table}",
        )
    ]
    values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
    if copy.per == "run":
        own = "id" if table == _RUNS else "execution_id"
        source = f"large_runs n JOIN {table} t ON t.project_id = n.from_project AND t.{own} = n.from_run"
    else:
        there = "(SELECT * FROM large_projects WHERE is_there)"
        match = {
            "projects": "t.id = o.project_id",
            "connections": "t.project_id = o.project_id AND t.id = o.connection_id",
            "workflows": "t.project_id = o.project_id AND t.id = o.workflow_id",
        }.get(table, "t.project_id = o.project_id AND t.workflow_id = o.workflow_id")
        source = f"large_projects n CROSS JOIN {there} o JOIN {table} t ON {match} WHERE NOT n.is_there"
    await admin.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {source}")
