"""The groups of errors that a database holds, beside what it holds of the errors."""

import json

from watchglass.parse.error_group import error_group
from watchglass.store.scope import Store


async def assert_groups_are_of_what_is_stored(store: Store) -> int:
    """Whatever was hidden, decoded or derived again: no group says more than its row. How many rows have one."""
    async with store.write() as reader:
        rows = await reader.fetch(
            "SELECT id, error_group, error_type, error_message, failed_step FROM workflow_executions "
            "WHERE synced_event_id > 0"
        )
    for row in rows:
        step = json.loads(row["failed_step"])[2] if row["failed_step"] else None
        assert row["error_group"] == error_group(row["error_type"], row["error_message"], step), row["id"]
    return sum(row["error_group"] != "" for row in rows)
