"""Versions of built workflows: what runs are pinned to. They are added and never changed."""

import json
from datetime import datetime
from uuid import UUID

from watchglass.model.project import Principal
from watchglass.store.drafts import GraphJson
from watchglass.store.scope import Reader, Writer
from watchglass.store.summaries import Row

_VERSION = """
    SELECT v.project_id, v.workflow_id, v.version, v.note, v.created_at, v.created_by_name, v.graph
    FROM workflow_versions v
"""


async def insert_version(
    writer: Writer, *, project_id: UUID, workflow_id: UUID, graph: GraphJson, note: str, by: Principal
) -> int:
    """The next version. Callers hold the workflow's draft, or the workflow, locked."""
    version: int = await writer.fetchval(
        """
        INSERT INTO workflow_versions (project_id, workflow_id, version, graph, note, created_by, created_by_name)
        SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6 FROM workflow_versions
        WHERE project_id = $1 AND workflow_id = $2
        RETURNING version
        """,
        project_id,
        workflow_id,
        json.dumps(graph),
        note,
        by.user_id,
        by.name,
    )
    return version


async def read_version(reader: Reader, workflow_id: UUID, version: int | None) -> Row | None:
    """That version, or the newest."""
    return await reader.fetchrow(
        f"""
        {_VERSION} WHERE workflow_id = $1 AND version = coalesce($2, (SELECT max(version) FROM workflow_versions
                                                                      WHERE workflow_id = $1))
        """,  # noqa: S608 - own text
        workflow_id,
        version,
    )


async def read_versions(reader: Reader, workflow_id: UUID, *, before: int | None, limit: int) -> list[Row]:
    """The newest first, from the first one older than `before`; without their graphs, but with how many nodes."""
    return list(
        await reader.fetch(
            """
            SELECT version, note, created_at, created_by_name, json_array_length(graph -> 'nodes') AS node_count
            FROM workflow_versions
            WHERE workflow_id = $1 AND ($2::integer IS NULL OR version < $2) ORDER BY version DESC LIMIT $3
            """,
            workflow_id,
            before,
            limit,
        )
    )


async def version_named(
    reader: Reader, project_id: UUID, name: str, *, version: int | None, at: datetime | None = None
) -> Row | None:
    """The version that a name meant at a moment: that one, or the newest of those that bore the name.

    Asked of the versions and not of the workflows, so that what called a workflow by its old name still finds it.
    """
    return await reader.fetchrow(
        f"""
        {_VERSION} JOIN workflows w ON w.project_id = v.project_id AND w.id = v.workflow_id AND w.rules IS NULL
        WHERE v.project_id = $1 AND v.graph ->> 'name' = $2 AND ($3::integer IS NULL OR v.version = $3)
            AND ($4::timestamptz IS NULL OR v.created_at <= $4)
        ORDER BY v.created_at DESC, v.version DESC LIMIT 1
        """,
        project_id,
        name,
        version,
        at,
    )
