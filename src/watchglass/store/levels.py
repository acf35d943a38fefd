"""How much is copied: changing it makes a job that queues what is now covered, and takes out what is not."""

from uuid import UUID

from watchglass.model.connection import Connection, Level
from watchglass.store.backfills import NewBackfill, add_backfill
from watchglass.store.connections import connections_of
from watchglass.store.scope import Writer


async def set_connection_level(writer: Writer, connection: Connection, level: Level) -> None:
    """Change the level of every workflow that has none of its own."""
    changed = await writer.fetchval(
        "UPDATE connections SET level = $3 WHERE project_id = $1 AND id = $2 AND level <> $3 RETURNING true",
        connection.project_id,
        connection.id,
        level,
    )
    if changed:
        await add_backfill(writer, connection, NewBackfill(levels=True))


async def set_workflow_level(writer: Writer, project_id: UUID, workflow_id: UUID, level: Level | None) -> None:
    """Give the workflow a level of its own; None: as its connection says."""
    changed = await writer.fetchval(
        "UPDATE workflows SET level = $3 "
        "WHERE project_id = $1 AND id = $2 AND level IS DISTINCT FROM $3 RETURNING true",
        project_id,
        workflow_id,
        level,
    )
    if changed:
        for connection in await connections_of(writer, project_id):
            await add_backfill(writer, connection, NewBackfill(levels=True, workflow_id=workflow_id))
