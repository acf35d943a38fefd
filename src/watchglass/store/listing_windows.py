"""Stretches of time whose runs are still to be listed. Kept, so that a restart carries on where the listing was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from watchglass.model.connection import Connection
from watchglass.store.scope import Reader, Writer


@dataclass(frozen=True, slots=True)
class ListingWindow:
    of: str
    """`started` or `closed`: which time of a run counts."""
    from_at: datetime | None
    """Included; None: from the beginning."""
    to_at: datetime | None
    """Excluded; None: without an end."""
    is_shared: bool = False
    """Listed for all connections that are listed together with the one it belongs to."""
    id: UUID | None = None
    """Of the stored one."""


async def add_windows(writer: Writer, connection: Connection, windows: Sequence[ListingWindow]) -> None:
    """Keep windows for later; those that wait already are not kept twice."""
    await writer.execute(
        """
        INSERT INTO listing_windows (project_id, connection_id, of, from_at, to_at, is_shared)
        SELECT $1, $2, w.* FROM unnest($3::text[], $4::timestamptz[], $5::timestamptz[], $6::boolean[])
                             AS w(of, from_at, to_at, is_shared)
        ON CONFLICT (project_id, connection_id, of, from_at, to_at) DO UPDATE
            SET is_shared = listing_windows.is_shared OR excluded.is_shared
        """,
        connection.project_id,
        connection.id,
        [window.of for window in windows],
        [window.from_at for window in windows],
        [window.to_at for window in windows],
        [window.is_shared for window in windows],
    )


async def next_window(reader: Reader, connection: Connection) -> ListingWindow | None:
    """The window that is next: newest first, since that is what people look at."""
    row = await reader.fetchrow(
        """
        SELECT of, from_at, to_at, is_shared, id FROM listing_windows WHERE project_id = $1 AND connection_id = $2
        ORDER BY to_at DESC NULLS FIRST, from_at DESC NULLS LAST, id LIMIT 1
        """,
        connection.project_id,
        connection.id,
    )
    return None if row is None else ListingWindow(*row)


async def remove_window(writer: Writer, connection: Connection, window: ListingWindow) -> None:
    await writer.execute(
        "DELETE FROM listing_windows WHERE project_id = $1 AND id = $2", connection.project_id, window.id
    )
