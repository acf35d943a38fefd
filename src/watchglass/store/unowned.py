"""Every state of a run has an owner: it is copied to its end, gone, waiting in the queue, or only listed by its level.

is_final                        nothing is left to do
next_sync_at                    the queue's: due, retried, set aside until tomorrow, or taken by a worker for seconds
neither, and its level copies   nobody's: it would stay as it is for ever
"""

from dataclasses import dataclass
from datetime import timedelta

from watchglass.store.scope import Reader

LATE = timedelta(minutes=10)
"""Due for so long, a run is not waiting for its turn: nobody works."""


@dataclass(frozen=True, slots=True)
class Unowned:
    nobodys: int
    """Runs that are neither copied to their end nor waiting for it, though their level wants them copied."""
    late: int
    """Runs that have been due for longer than `LATE`; not those that wait behind others for a back-fill."""


async def count_unowned(reader: Reader) -> Unowned:
    """Of all projects."""
    row = await reader.fetchrow(
        """
        SELECT count(*) FILTER (WHERE next_sync_at IS NULL AND (
                   level = 'all' OR (level = 'failed' AND status IN ('failed', 'timed_out', 'terminated'))
                   OR sync_status = 'gone')) AS nobodys,
               count(*) FILTER (WHERE next_sync_at < clock_timestamp() - $1::interval AND backfill_id IS NULL) AS late
        FROM (
            SELECT e.next_sync_at, e.backfill_id, e.status, e.sync_status, coalesce(w.level, c.level) AS level
            FROM workflow_executions e
            JOIN workflows w ON w.project_id = e.project_id AND w.id = e.workflow_id
            JOIN connections c ON c.project_id = e.project_id AND c.id = e.connection_id
            WHERE NOT e.is_final
              -- What is older than the connection, or than a level that was raised, is a back-fill's to queue.
              AND NOT EXISTS (SELECT FROM backfills b WHERE b.project_id = c.project_id AND b.connection_id = c.id
                              AND b.state <> 'done')
        ) open
        """,
        LATE,
    )
    if row is None:
        raise RuntimeError("PostgreSQL counted nothing, not even none")
    return Unowned(row["nobodys"], row["late"])
