"""Times in which Temporal deleted runs before they could be copied: said, never hidden."""

from datetime import datetime

from watchglass.model.connection import Connection
from watchglass.store.scope import Writer


async def add_gap(
    writer: Writer, connection: Connection, *, from_at: datetime, to_at: datetime, missing_runs: int | None = None
) -> None:
    """Note that runs which closed between the two moments may be missing; how many, where Temporal counted them."""
    await writer.execute(
        """
        INSERT INTO sync_gaps (project_id, connection_id, from_at, to_at, missing_runs) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (project_id, connection_id, from_at) DO UPDATE
            SET to_at = greatest(sync_gaps.to_at, excluded.to_at),
                missing_runs = coalesce(excluded.missing_runs, sync_gaps.missing_runs)
        """,
        connection.project_id,
        connection.id,
        from_at,
        to_at,
        missing_runs,
    )
