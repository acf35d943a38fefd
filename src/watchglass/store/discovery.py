"""How far discovery has come with a connection, and how many of its runs are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from watchglass.errors import NotFound
from watchglass.model.connection import Connection
from watchglass.store.listing_windows import ListingWindow
from watchglass.store.scope import Reader, Writer


@dataclass(frozen=True, slots=True)
class DiscoveryState:
    discovered_until: datetime
    """By our clock: runs that started or closed before this moment are known, or are a back-fill's to list: at first,
    when the connection was made."""
    seen_until: datetime | None
    """By Temporal's clock: where the next look begins. None before the first one, and in an empty namespace."""
    rescanned_at: datetime | None
    """When the longer overlap was last listed again."""
    compared_at: datetime | None
    """When the numbers of recent runs were last compared."""
    compared_all_at: datetime | None
    """When those of all the time that Temporal keeps runs were."""


async def read_discovery(reader: Reader, connection_id: UUID) -> DiscoveryState:
    """Raises NotFound when there is no such connection."""
    row = await reader.fetchrow(
        "SELECT coalesce(discovered_until, created_at), seen_until, rescanned_at, compared_at, compared_all_at "
        "FROM connections WHERE id = $1",
        connection_id,
    )
    if row is None:
        raise NotFound(f"There is no connection {connection_id}. It may have been removed.")
    return DiscoveryState(*row)


async def save_look(
    writer: Writer,
    connections: Sequence[Connection],
    *,
    discovered_until: datetime,
    seen_until: datetime | None,
    rescanned_at: datetime | None,
) -> None:
    """Keep how far a look came for all that are listed together; it only ever moves forward."""
    await writer.execute(
        """
        UPDATE connections SET discovered_until = greatest(discovered_until, $2), seen_until = greatest(seen_until, $3),
            rescanned_at = greatest(rescanned_at, $4), state = 'ok', error = NULL, checked_at = clock_timestamp()
        WHERE id = ANY ($1::uuid[])
        """,
        [connection.id for connection in connections],
        discovered_until,
        seen_until,
        rescanned_at,
    )


async def save_compared(writer: Writer, connection: Connection, *, at: datetime, all_of_it: bool) -> None:
    await writer.execute(
        """
        UPDATE connections SET compared_at = $2, compared_all_at = CASE WHEN $3 THEN $2 ELSE compared_all_at END
        WHERE id = $1
        """,
        connection.id,
        at,
        all_of_it,
    )


async def covered_since(reader: Reader, connection: Connection) -> datetime | None:
    """Runs that started from this moment on are all known, as far as it is for back-fills to see to it.

    None while one of them is listing. All time begins with 1970.
    """
    since: datetime | None = await reader.fetchval(
        """
        SELECT CASE WHEN bool_or(b.phase IN ('closed', 'open', 'late')) THEN NULL
                    ELSE least(c.created_at, min(coalesce(b.from_at, to_timestamp(0))) FILTER (WHERE b.query = '')) END
        FROM connections c LEFT JOIN backfills b
            ON b.connection_id = c.id AND b.kind = 'history' AND b.state NOT IN ('cancelled', 'failed')
        WHERE c.id = $1 GROUP BY c.created_at
        """,
        connection.id,
    )
    return since


async def count_known(reader: Reader, connection: Connection, window: ListingWindow) -> tuple[int, int]:
    """How many runs that started in the window are known and not deleted by Temporal, and how many of them are open."""
    row = await reader.fetchrow(
        """
        SELECT count(*), count(*) FILTER (WHERE status IN ('pending', 'running', 'paused')) FROM workflow_executions
        WHERE project_id = $1 AND connection_id = $2 AND started_at >= coalesce($3::timestamptz, '-infinity')
          AND started_at < coalesce($4::timestamptz, 'infinity') AND source_gone_at IS NULL
        """,
        connection.project_id,
        connection.id,
        window.from_at,
        window.to_at,
    )
    assert row is not None
    return row[0], row[1]
