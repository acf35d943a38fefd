"""What is derived from histories: rows that a fresh parse has to give again."""

from typing import Any

from watchglass.store.scope import Store


def differing(before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    if before is None or after is None:
        return f"no row {'before' if before is None else 'after'}"
    return ", ".join(
        f"{name} {before[name]!r} → {after[name]!r}"[:500] for name in before if before[name] != after[name]
    )


_KEPT = {
    "component_executions": ("execution_id", "event_id"),
    "node_journal": ("execution_id", "event_id", "position"),
    "workflow_executions": ("id",),
}
_OF_THE_COPY = frozenset(
    ("next_sync_at", "synced_at", "source_checked_at", "problem_since", "sync_status", "sync_error", "content_revision")
)
"""Not derived: when, how and how often the run was copied."""


async def derived_rows(store: Store) -> dict[str, dict[str, Any]]:
    """What is derived from histories, by table and key."""
    found = {}
    async with store.write(isolation="repeatable_read") as reader:
        for table, key in _KEPT.items():
            copied = " WHERE synced_event_id > 0" if table == "workflow_executions" else ""
            for row in await reader.fetch(f"SELECT * FROM {table}{copied}"):
                name = " ".join([table, *(str(row[column]) for column in key)])
                found[name] = {column: value for column, value in row.items() if column not in _OF_THE_COPY}
    return found
