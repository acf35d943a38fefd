"""How far behind the copies of the whole installation are."""

from collections.abc import Mapping
from dataclasses import dataclass

from watchglass.store.scope import Reader

MOST = 100_000
"""More are not counted: that there are so many says it all."""
CONNECTION_STATES = ("new", "ok", "unreachable", "refused")


@dataclass(frozen=True, slots=True)
class Backlog:
    due: int
    """Runs that are due and that nobody works on."""
    backfill_due: int
    """The same, of back-fill jobs, which wait behind the others."""
    lag_seconds: float
    """Since when the first of `due` is due; 0 when none is."""
    set_aside: int
    connections: Mapping[str, int]
    """By state."""


async def read_backlog(reader: Reader) -> Backlog:
    """Read it off the queue's own indexes, which takes milliseconds however many runs there are."""
    row = await reader.fetchrow(
        """
        WITH first AS (
            SELECT min(due.at) AS at FROM connections c CROSS JOIN LATERAL (
                SELECT next_sync_at AS at FROM workflow_executions e
                WHERE e.connection_id = c.id AND next_sync_at IS NOT NULL AND backfill_id IS NULL
                ORDER BY next_sync_at LIMIT 1) due
        )
        SELECT (SELECT count(*) FROM (
                    SELECT FROM connections c JOIN workflow_executions e ON e.connection_id = c.id
                    WHERE e.next_sync_at <= statement_timestamp() AND e.backfill_id IS NULL LIMIT $1) counted) AS due,
               (SELECT count(*) FROM (
                    SELECT FROM connections c JOIN workflow_executions e ON e.connection_id = c.id
                    WHERE e.next_sync_at <= statement_timestamp() AND e.backfill_id IS NOT NULL LIMIT $1) counted)
                    AS backfill_due,
               greatest(coalesce(extract(epoch FROM statement_timestamp() - (SELECT at FROM first)), 0), 0)::float8
                    AS lag_seconds,
               (SELECT count(*) FROM (
                    SELECT FROM workflow_executions WHERE sync_status = 'set_aside' LIMIT $1) counted) AS set_aside
        """,
        MOST,
    )
    assert row is not None
    states = await reader.fetch("SELECT state, count(*) FROM connections GROUP BY state")
    counted = dict.fromkeys(CONNECTION_STATES, 0) | {found["state"]: found["count"] for found in states}
    return Backlog(row["due"], row["backfill_due"], row["lag_seconds"], row["set_aside"], counted)
