"""Which namespace a connection looks at, by the id that its server gave it."""

from watchglass.model.connection import Connection
from watchglass.store.backfills import repeat_backfills
from watchglass.store.queue import notify_due
from watchglass.store.scope import Writer


async def keep_namespace_id(writer: Writer, connection: Connection, namespace_id: str) -> bool:
    """Keep the id of the namespace that answers; return whether it took another one's place.

    Then what was back-filled is back-filled anew, and every open run is due, as is every one that was to be
    copied: Temporal has none of them any more.
    """
    before = await writer.fetchval(
        "SELECT namespace_id FROM connections WHERE project_id = $1 AND id = $2 FOR NO KEY UPDATE",
        connection.project_id,
        connection.id,
    )
    if before == namespace_id:
        return False
    is_another = before is not None
    await writer.execute(
        """
        UPDATE connections SET namespace_id = $3,
            namespace_replaced_at = CASE WHEN $4 THEN clock_timestamp() ELSE namespace_replaced_at END
        WHERE project_id = $1 AND id = $2
        """,
        connection.project_id,
        connection.id,
        namespace_id,
        is_another,
    )
    if is_another:
        await writer.execute(
            """
            WITH open AS (
                -- In the order in which syncs lock them.
                SELECT project_id, id FROM workflow_executions
                WHERE project_id = $1 AND connection_id = $2 AND NOT is_final
                  AND (status IN ('pending', 'running', 'paused') OR next_sync_at IS NOT NULL)
                ORDER BY project_id, id FOR UPDATE
            )
            UPDATE workflow_executions e SET next_sync_at = clock_timestamp()
            FROM open WHERE e.project_id = open.project_id AND e.id = open.id
            """,
            connection.project_id,
            connection.id,
        )
        await repeat_backfills(writer, connection)
        await notify_due(writer, connection.id)
    return is_another
