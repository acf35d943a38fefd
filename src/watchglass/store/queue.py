"""The durable queue of runs to sync: `workflow_executions.next_sync_at`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from watchglass.store.scope import Reader, Writer
from watchglass.store.sync_states import ExecutionKey

CHANNEL = "watchglass_due"
"""NOTIFY channel; its payload is a connection id, never data."""


async def enqueue(writer: Writer, keys: Sequence[ExecutionKey]) -> None:
    """Make executions due now, also those set aside. Final ones are left alone unless they were set aside."""
    await writer.execute(
        """
        UPDATE workflow_executions SET next_sync_at = clock_timestamp(),
            sync_failures = CASE WHEN sync_status = 'set_aside' THEN 0 ELSE sync_failures END
        WHERE (project_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) AND NOT is_final
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
    )
    await writer.execute(
        """
        SELECT pg_notify($3, connection_id::text) FROM (
            SELECT DISTINCT connection_id FROM workflow_executions
            WHERE (project_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))) due
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
        CHANNEL,
    )


async def notify_due(writer: Writer, connection_id: UUID) -> None:
    """Wake whoever waits for work of this connection, when the transaction commits."""
    await writer.execute("SELECT pg_notify($1, $2)", CHANNEL, str(connection_id))


async def claim_due(
    writer: Writer, *, connection_id: UUID, limit: int, lease_seconds: float
) -> list[tuple[ExecutionKey, bool]]:
    """Take up to `limit` due executions, longest due first; each comes with whether it has failed before.

    Taking one moves it `lease_seconds` into the future: whoever took it and died does not lose it.
    """
    rows = await writer.fetch(
        """
        WITH due AS (
            SELECT project_id, id FROM workflow_executions
            WHERE connection_id = $1 AND next_sync_at <= clock_timestamp()
            ORDER BY next_sync_at LIMIT $2 FOR UPDATE SKIP LOCKED
        )
        UPDATE workflow_executions e SET next_sync_at = clock_timestamp() + $3 * interval '1 second'
        FROM due WHERE e.project_id = due.project_id AND e.id = due.id
        RETURNING e.project_id, e.id, e.sync_failures > 0 AS has_failed
        """,
        connection_id,
        limit,
        lease_seconds,
    )
    return [(ExecutionKey(row["project_id"], row["id"]), row["has_failed"]) for row in rows]


async def lease(writer: Writer, key: ExecutionKey, *, seconds: float) -> None:
    """Keep an execution that somebody works on from being due for others, unless it is not due before anyway."""
    await writer.execute(
        """
        UPDATE workflow_executions
        SET next_sync_at = greatest(next_sync_at, clock_timestamp() + $3 * interval '1 second')
        WHERE project_id = $1 AND id = $2 AND next_sync_at IS NOT NULL
        """,
        key.project_id,
        key.id,
        seconds,
    )


async def next_due(reader: Reader, *, connection_id: UUID) -> datetime | None:
    """When the next execution of the connection is due; None when none is waiting."""
    due: datetime | None = await reader.fetchval(
        "SELECT min(next_sync_at) FROM workflow_executions WHERE connection_id = $1 AND next_sync_at IS NOT NULL",
        connection_id,
    )
    return due
