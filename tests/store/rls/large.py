"""Many projects beside one large one, made of copies of one run that is there, with everything that hangs on it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

_RUNS = "workflow_executions"
_KEYS = "execution_keys"
_HAS_FAILED = "n.number % 10 = 0"


@dataclass(frozen=True, slots=True)
class Large:
    """How much is made. The large project gets its runs one minute apart, the newest first."""

    runs: int = 6_000
    """Of the project that is there."""
    projects: int = 200
    """Others, of nobody."""
    runs_each: int = 200


async def grow(admin: Any, project_id: UUID, execution_id: UUID, large: Large) -> None:
    """`execution_id` is the run of `project_id` that all others are copies of. Ends with an ANALYZE."""
    async with admin.transaction():
        # Nothing here can point anywhere else: foreign keys are not asked for each of the copies.
        await admin.execute("SET LOCAL session_replication_role = replica")
        await admin.execute("SET LOCAL synchronous_commit = off")
        await _plan(admin, project_id, execution_id, large)
        await _copy_rows(admin, "projects", {"id": "n.project_id", "name": "'large ' || n.project_id"}, per="project")
        for table, own in (("connections", "connection_id"), ("workflows", "workflow_id")):
            await _copy_rows(admin, table, {"project_id": "n.project_id", "id": f"n.{own}"}, per="project")
        for table in ("workflow_statistics", "component_statistics"):
            changed = {"project_id": "n.project_id", "workflow_id": "n.workflow_id"}
            await _copy_rows(admin, table, changed, per="project")
        run = {
            "project_id": "n.project_id",
            "execution_id": "n.id",
            "connection_id": "n.connection_id",
            "temporal_run_id": "n.id::text",
        }
        await _copy_rows(admin, _KEYS, run, per="run")
        await _copy_rows(
            admin,
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
        )
        for table in await _tables_of_runs(admin):
            await _copy_rows(admin, table, {"project_id": "n.project_id", "execution_id": "n.id"}, per="run")
    await admin.execute("VACUUM ANALYZE")


async def _plan(admin: Any, project_id: UUID, execution_id: UUID, large: Large) -> None:
    """The temporary tables `large_projects` and `large_runs`: which copies there are to be."""
    await admin.execute("DROP TABLE IF EXISTS large_projects, large_runs")
    await admin.execute(
        f"""
        CREATE TEMP TABLE large_projects AS
            SELECT gen_random_uuid() AS project_id, gen_random_uuid() AS connection_id,
                gen_random_uuid() AS workflow_id, {large.runs_each} AS runs, false AS is_there
            FROM generate_series(1, {large.projects});
        INSERT INTO large_projects
            SELECT project_id, connection_id, workflow_id, {large.runs}, true FROM workflow_executions
            WHERE project_id = '{project_id}' AND id = '{execution_id}';
        CREATE TEMP TABLE large_runs AS
            SELECT gen_random_uuid() AS id, p.project_id, p.connection_id, p.workflow_id, number,
                '{project_id}'::uuid AS from_project, '{execution_id}'::uuid AS from_run
            FROM large_projects p, LATERAL generate_series(1, p.runs) number;
        """
    )


async def _tables_of_runs(admin: Any) -> list[str]:
    rows = await admin.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'execution_id' "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> $1 ORDER BY 1",
        _KEYS,
    )
    return [row["relname"] for row in rows]


async def _copy_rows(admin: Any, table: str, changed: dict[str, str], *, per: str) -> None:
    columns = [
        row["attname"]
        for row in await admin.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped "
            "AND attgenerated = '' ORDER BY attnum",
            f"public.{table}",
        )
    ]
    values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
    if per == "run":
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
