"""Workflows: those that are built here, and an observed one for every Temporal workflow type that is found."""

from collections.abc import Iterable
from uuid import UUID

import asyncpg

from watchglass.errors import Conflict
from watchglass.model.connection import Level
from watchglass.model.rules import Rules
from watchglass.store.owners import Owner
from watchglass.store.scope import Reader, Writer
from watchglass.store.summaries import Row
from watchglass.store.text import storable


async def ensure_observed(writer: Writer, *, project_id: UUID, types: Iterable[str]) -> dict[str, Owner]:
    """The project's observed workflow of each Temporal type, made where it is new."""
    # Two types may be stored under one name: a NUL is kept as the character that stands for what cannot be shown.
    names = {type: storable(type) or "(no type)" for type in types}
    rows = await writer.fetch(
        """
        WITH wanted AS (SELECT DISTINCT name FROM unnest($2::text[]) AS wanted(name)),
        made AS (
            INSERT INTO workflows (project_id, name, kind, temporal_type)
            SELECT $1, name, 'observed', name FROM wanted w
            WHERE NOT EXISTS (SELECT FROM workflows o
                              WHERE o.project_id = $1 AND o.kind = 'observed' AND o.name = w.name)
            ORDER BY name
            ON CONFLICT (project_id, kind, name) DO UPDATE SET temporal_type = excluded.temporal_type
            RETURNING id, name, level
        )
        SELECT id, name, level FROM made
        UNION ALL
        SELECT o.id, o.name, o.level FROM workflows o JOIN wanted USING (name)
        WHERE o.project_id = $1 AND o.kind = 'observed'
        """,
        project_id,
        sorted(set(names.values())),
    )
    owners = {row["name"]: Owner(row["id"], row["level"] and Level(row["level"])) for row in rows}
    return {type: owners[name] for type, name in names.items()}


async def insert_built(writer: Writer, *, project_id: UUID, name: str) -> UUID:
    """A workflow that is built here, on the project's first connection. Raises Conflict: the name is taken."""
    try:
        async with writer.connection.transaction():
            workflow_id: UUID = await writer.fetchval(
                """
                INSERT INTO workflows (project_id, name, kind, temporal_type, connection_id)
                VALUES ($1, $2, 'built', $2, (SELECT id FROM connections WHERE project_id = $1
                                              ORDER BY created_at, id LIMIT 1))
                RETURNING id
                """,
                project_id,
                name,
            )
    except asyncpg.UniqueViolationError as error:
        raise _taken(name) from error
    return workflow_id


async def rename_built(writer: Writer, *, project_id: UUID, workflow_id: UUID, name: str) -> None:
    """Runs that start from now on are of the new type. Raises Conflict: the name is taken."""
    try:
        async with writer.connection.transaction():
            await writer.execute(
                "UPDATE workflows SET name = $3, temporal_type = $3 WHERE project_id = $1 AND id = $2 AND name <> $3",
                project_id,
                workflow_id,
                name,
            )
    except asyncpg.UniqueViolationError as error:
        raise _taken(name) from error


async def set_registered(writer: Writer, *, project_id: UUID, name: str, rules: Rules) -> UUID:
    """The workflow of that name that somebody else's interpreter runs, locked, with these rules.

    Raises Conflict: one that is drawn here has the name.
    """
    workflow_id: UUID | None = await writer.fetchval(
        """
        INSERT INTO workflows (project_id, name, kind, temporal_type, rules) VALUES ($1, $2, 'built', $2, $3::jsonb)
        ON CONFLICT (project_id, kind, name) DO UPDATE SET rules = excluded.rules WHERE workflows.rules IS NOT NULL
        RETURNING id
        """,
        project_id,
        name,
        rules.model_dump_json(by_alias=True, exclude_defaults=True),
    )
    if workflow_id is None:
        raise _taken(name)
    return workflow_id


def _taken(name: str) -> Conflict:
    return Conflict(f"This project has a workflow named “{name}” already. Choose another name.")


async def find_built(reader: Reader, name: str, *, project_id: UUID | None = None) -> list[Row]:
    """The built workflows of that name, in a project or in all that the reader sees: `id` and `project_name`."""
    return list(
        await reader.fetch(
            """
            SELECT w.id, p.name AS project_name FROM workflows w JOIN projects p ON p.id = w.project_id
            JOIN workflow_drafts d ON d.project_id = w.project_id AND d.workflow_id = w.id
            WHERE w.name = $1 AND w.kind = 'built' AND ($2::uuid IS NULL OR w.project_id = $2) ORDER BY p.name
            """,
            name,
            project_id,
        )
    )


async def delete_without_runs(writer: Writer, project_id: UUID) -> None:
    """Observed workflows of which no run is stored or counted: their names are types of runs that were erased."""
    # One that a sync is about to add runs to is locked by it, and stays.
    found = await writer.fetch(
        """
        SELECT id FROM workflows w WHERE project_id = $1 AND kind = 'observed' AND NOT EXISTS (
            SELECT FROM workflow_executions e WHERE e.project_id = w.project_id AND e.workflow_id = w.id)
          -- Figures outlive the runs that the project does not keep.
          AND NOT EXISTS (SELECT FROM run_rollups r
                          WHERE r.project_id = w.project_id AND r.series = w.id AND r.total_runs > 0)
        FOR UPDATE SKIP LOCKED
        """,
        project_id,
    )
    await writer.execute(
        """
        DELETE FROM workflows w WHERE project_id = $1 AND id = ANY ($2::uuid[]) AND NOT EXISTS (
            SELECT FROM workflow_executions e WHERE e.project_id = w.project_id AND e.workflow_id = w.id)
        """,
        project_id,
        [row["id"] for row in found],
    )
