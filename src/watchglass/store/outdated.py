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
    derived_version: int
    events: int
    history_bytes: int
    """0 where nobody said."""


async def count_outdated(reader: Reader, *, below: int, connection_id: UUID | None = None) -> int:
    """How many copied executions were derived by rules older than `below`."""
    count: int = await reader.fetchval(f"SELECT count(*) {_OUTDATED}", below, connection_id)
    return count


async def list_outdated(
    reader: Reader, *, below: int, connection_id: UUID | None, after: Outdated | None, limit: int
) -> Sequence[Outdated]:
    """Some of them, those of the newest rules first, and of these a project's newest; from the one after `after` on.

    One that is derived again meanwhile has newer rules than those to come, and is not met twice.
    """
    rows = await reader.fetch(
        f"""
        SELECT project_id, id, derived_version, synced_event_id, coalesce(history_bytes, 0) AS history_bytes {_OUTDATED}
          AND ($4::uuid IS NULL OR (derived_version, project_id, id) < ($3, $4, $5))
        ORDER BY derived_version DESC, project_id DESC, id DESC LIMIT $6
        """,
        below,
        connection_id,
        after.derived_version if after else 0,
        after.key.project_id if after else None,
        after.key.id if after else None,
        limit,
    )
    return [
        Outdated(
            ExecutionKey(row["project_id"], row["id"]),
            row["derived_version"],
            row["synced_event_id"],
            row["history_bytes"],
        )
        for row in rows
    ]
