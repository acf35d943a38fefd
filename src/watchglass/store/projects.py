"""Projects and workflows as lists show them."""

from uuid import UUID

import asyncpg

from watchglass.errors import Conflict
from watchglass.model.project import Principal, Role
from watchglass.store.scope import Reader, Writer
from watchglass.store.summaries import Row
from watchglass.store.totals import TOTAL_COLUMNS, TOTALS

_PROJECT = """
    SELECT p.id, p.name, m.role, m.sees_payloads, c.id AS connection_id, c.address, c.namespace, c.state, c.error,
        c.namespace_replaced_at
    FROM projects p JOIN project_members m ON m.project_id = p.id AND m.user_id = $1
    LEFT JOIN LATERAL (SELECT * FROM connections c WHERE c.project_id = p.id ORDER BY c.created_at, c.id LIMIT 1) c
        ON true
"""
# The order of the newest run names the workflow too, so that it is looked up in the workflow's own index: in the
# project's, a workflow that has not run for long is behind everything that ran since.
_WORKFLOW = f"""
    SELECT w.id, w.project_id, w.name, w.kind, w.temporal_type, last.started_at AS last_run_at,
        s.total_runs, s.running_runs, s.completed_runs, s.error_runs, s.duration_count, s.duration_sum_ms,
        s.detailed_runs, w.level,
        (SELECT c.level FROM connections c WHERE c.project_id = w.project_id ORDER BY c.created_at, c.id LIMIT 1)
            AS inherited_level
    FROM ({{workflows}}) w
    CROSS JOIN LATERAL (
        SELECT {", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in TOTAL_COLUMNS)}
        FROM ({TOTALS.format(project="w.project_id", workflow="w.id")}) noted
    ) s
    LEFT JOIN LATERAL (SELECT e.started_at FROM workflow_executions e
                       WHERE e.project_id = w.project_id AND e.workflow_id = w.id
                       ORDER BY e.workflow_id, e.started_at DESC LIMIT 1) last ON true
"""  # noqa: S608 - own words only
_WORKFLOWS_BEHIND = """
    SELECT * FROM workflows w WHERE w.project_id = $1 AND (w.name, w.id) > ($2, $3) ORDER BY w.name, w.id LIMIT $4
"""


async def read_projects(reader: Reader, principal: Principal) -> list[Row]:
    """The projects that this person is a member of, by name."""
    return list(await reader.fetch(f"{_PROJECT} ORDER BY p.name, p.id", principal.user_id))


async def read_project(reader: Reader, principal: Principal, project_id: UUID) -> Row | None:
    return await reader.fetchrow(f"{_PROJECT} WHERE p.id = $2", principal.user_id, project_id)


async def create_project(writer: Writer, name: str) -> UUID:
    """A new project of the person writing, who is its owner. Raises Conflict when they have one of that name."""
    try:
        project_id: UUID = await writer.fetchval("SELECT app.create_project($1)", name)
    except asyncpg.UniqueViolationError as error:
        raise _name_taken(name) from error
    return project_id


async def rename_project(writer: Writer, project_id: UUID, name: str) -> Role | None:
    """Rename it if the person writing may, and return their role; None: no member. Raises Conflict."""
    try:
        role = await writer.fetchval("SELECT app.rename_project($1, $2)", project_id, name)
    except asyncpg.UniqueViolationError as error:
        raise _name_taken(name) from error
    return None if role is None else Role(role)


def _name_taken(name: str) -> Conflict:
    return Conflict(f"You have a project named “{name}” already. Choose another name.")


async def read_workflows(reader: Reader, project_id: UUID, *, after: tuple[str, UUID] | None, limit: int) -> list[Row]:
    """By name, from the first behind `after` (a name and an id)."""
    name, workflow_id = after or ("", UUID(int=0))
    return list(
        await reader.fetch(
            f"{_WORKFLOW.format(workflows=_WORKFLOWS_BEHIND)} ORDER BY w.name, w.id",
            project_id,
            name,
            workflow_id,
            limit,
        )
    )


async def read_workflow(reader: Reader, workflow_id: UUID) -> Row | None:
    return await reader.fetchrow(_WORKFLOW.format(workflows="SELECT * FROM workflows w WHERE w.id = $1"), workflow_id)


async def project_named(reader: Reader, wanted: str) -> UUID | None:
    """The project of that name or id. Raises Conflict when several have the name, which different people may give."""
    rows = await reader.fetch(
        "SELECT id FROM projects WHERE name = $1 OR id::text = lower($1) ORDER BY name = $1, id LIMIT 11", wanted
    )
    if len(rows) > 1:
        ids = ", ".join(str(row["id"]) for row in rows[:10])
        raise Conflict(f"Several projects are named “{wanted}”. Give the id of one instead: {ids}.")
    return rows[0]["id"] if rows else None


async def all_projects(reader: Reader) -> list[Row]:
    """`id` and `name` of every project that the reader sees, by name."""
    return list(await reader.fetch("SELECT id, name FROM projects ORDER BY name, id"))


async def project_exists(reader: Reader, project_id: UUID) -> bool:
    return bool(await reader.fetchval("SELECT true FROM projects WHERE id = $1", project_id))


async def connection_exists(reader: Reader, connection_id: UUID) -> bool:
    return bool(await reader.fetchval("SELECT true FROM connections WHERE id = $1", connection_id))


async def project_of_workflow(reader: Reader, workflow_id: UUID) -> UUID | None:
    project_id: UUID | None = await reader.fetchval("SELECT project_id FROM workflows WHERE id = $1", workflow_id)
    return project_id
