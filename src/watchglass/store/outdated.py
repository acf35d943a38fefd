"""Executions whose rows older rules made."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from watchglass.store.scope import Reader
from watchglass.store.sync_states import ExecutionKey

_OUTDATED = """
    FROM workflow_executions
    WHERE derived_version < $1 AND synced_event_id > 0 AND connection_id = coalesce($2, connection_id)
"""


@dataclass(frozen=True, slots=True)
class Outdated:
    key: ExecutionKey
    events: int
    history_bytes: int
    """0 where nobody said."""


async def count_outdated(reader: Reader, *, below: int, connection_id: UUID | None = None) -> int:
    """How many copied executions were derived by rules older than `below`."""
    count: int = await reader.fetchval(f"SELECT count(*) {_OUTDATED}", below, connection_id)
    return count


async def list_outdated(
    reader: Reader, *, below: int, connection_id: UUID | None, before: ExecutionKey | None, limit: int
) -> Sequence[Outdated]:
    """Some of them, a project's newest first, from the one after `before` on."""
    rows = await reader.fetch(
        f"""
        SELECT project_id, id, synced_event_id, coalesce(history_bytes, 0) AS history_bytes {_OUTDATED}
          AND ($3::uuid IS NULL OR (project_id, id) < ($3, $4))
        ORDER BY project_id DESC, id DESC LIMIT $5
        """,
        below,
        connection_id,
        before.project_id if before else None,
        before.id if before else None,
        limit,
    )
    return [
        Outdated(ExecutionKey(row["project_id"], row["id"]), row["synced_event_id"], row["history_bytes"])
        for row in rows
    ]
