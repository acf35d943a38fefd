"""Failovers of a replicated namespace: what the cluster before had acknowledged last may never have reached this one.

Temporal replicates a global namespace with a delay. When another cluster becomes the active one, the namespace's
failover version rises, and the end of a history that had not come over in time is replaced by another one: events with
the new version. A copy that had seen the close was right, and is wrong now. So runs that had closed in the hour before
are looked at again, several times within the hour that the clusters may take to come to terms.
"""

from datetime import timedelta

from watchglass.model.connection import Connection
from watchglass.store.queue import notify_due
from watchglass.store.scope import Writer

RECHECK_AFTER = tuple(timedelta(minutes=minutes) for minutes in (0, 5, 15, 30, 60))
"""When the closed runs are read again, since the rise was seen."""
CLOSED_WITHIN = timedelta(hours=1)
"""Before the rise was seen."""
_SHARE = 0.3
"""Of the connection's calls for histories: new runs do not wait behind old ones."""


async def keep_failover_version(writer: Writer, connection: Connection, version: int, *, is_another: bool) -> bool:
    """Keep the namespace's failover version; return whether it has risen since it was last seen.

    A lower one comes from a cluster that has not heard of the failover, and changes nothing. `is_another`: this is not
    the namespace of before, so its version says nothing of that one's runs.
    """
    row = await writer.fetchrow(
        """
        UPDATE connections SET failover_version = $3,
            failed_over_at = CASE WHEN $4 THEN NULL WHEN failover_version IS NULL THEN failed_over_at
                                  ELSE clock_timestamp() END,
            failover_rounds = 0
        WHERE project_id = $1 AND id = $2 AND ($4 OR failover_version IS NULL OR failover_version < $3)
        RETURNING old.failover_version IS NOT NULL AND NOT $4 AS has_risen
        """,
        connection.project_id,
        connection.id,
        version,
        is_another,
    )
    return row is not None and bool(row["has_risen"])


async def recheck_closed(writer: Writer, connection: Connection) -> int:
    """Make the runs that had closed before a failover due again, when a round of that is; returns how many were.

    They are due one after the other, so that they take a part of the connection's calls alone. Where the run ended is
    told by Temporal's clock; so is where the hour begins, if that is the earlier one.
    """
    row = await writer.fetchrow(
        """
        SELECT clock_timestamp() - failed_over_at AS since, failover_rounds AS done FROM connections
        WHERE project_id = $1 AND id = $2 AND failed_over_at IS NOT NULL FOR NO KEY UPDATE
        """,
        connection.project_id,
        connection.id,
    )
    if row is None:
        return 0
    reached = sum(after <= row["since"] for after in RECHECK_AFTER)
    if reached <= row["done"]:
        return 0
    await writer.execute(
        "UPDATE connections SET failover_rounds = $3 WHERE project_id = $1 AND id = $2",
        connection.project_id,
        connection.id,
        reached,
    )
    status = await writer.execute(
        """
        WITH closed AS (
            -- In the order in which syncs lock them.
            SELECT e.project_id, e.id, e.closed_at FROM workflow_executions e
            JOIN connections c ON c.project_id = e.project_id AND c.id = e.connection_id
            WHERE e.project_id = $1 AND e.connection_id = $2 AND e.is_final AND e.synced_event_id > 0
              AND e.source_gone_at IS NULL
              AND e.closed_at >= least(c.failed_over_at, coalesce(c.seen_until, c.failed_over_at)) - $3::interval
            ORDER BY e.project_id, e.id FOR UPDATE OF e
        ), due AS (
            SELECT project_id, id, row_number() OVER (ORDER BY closed_at DESC, id) - 1 AS place FROM closed
        )
        UPDATE workflow_executions e
        SET is_final = false, next_sync_at = clock_timestamp() + due.place / $4::double precision * interval '1 second'
        FROM due WHERE e.project_id = due.project_id AND e.id = due.id
        """,
        connection.project_id,
        connection.id,
        CLOSED_WITHIN,
        max(connection.budget.history_per_second * _SHARE, 0.1),
    )
    await notify_due(writer, connection.id)
    return int(status.rpartition(" ")[2])
