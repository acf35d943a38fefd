"""What the control nodes of built runs did, as their journals tell it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from watchglass.model.journal import Journaled
from watchglass.store.bulk import MOMENT, Columns, array_text, run_rows, upsert
from watchglass.store.scope import Writer
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.text import storable

COLUMNS = Columns(
    (
        ("project_id", "uuid"),
        ("execution_id", "uuid"),
        ("event_id", "bigint"),
        ("position", "integer"),
        ("node_id", "text"),
        ("iteration", "integer[]"),
        ("state", "text"),
        ("at", MOMENT),
        ("port", "text"),
        ("output", "text"),
        ("cut", "boolean"),
        ("error", "text"),
        ("item_count", "integer"),
    )
)
_UPSERT = upsert("node_journal", COLUMNS, key=("project_id", "execution_id", "event_id", "position"))


async def append_journal(writer: Writer, entries: Sequence[tuple[UUID, UUID, Journaled]]) -> None:
    """Write entries of (project, execution); one that is there already is written over."""
    await run_rows(writer, _UPSERT, COLUMNS, (journal_row(*entry) for entry in entries))


async def drop_journal(writer: Writer, keys: Sequence[ExecutionKey]) -> None:
    """Forget what histories told that are replaced or read by other rules."""
    await writer.execute(
        "DELETE FROM node_journal WHERE (project_id, execution_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))",
        [key.project_id for key in keys],
        [key.id for key in keys],
    )


def journal_row(project_id: UUID, execution_id: UUID, entry: Journaled) -> tuple[Any, ...]:
    """The values of COLUMNS."""
    return (
        project_id,
        execution_id,
        entry.event_id,
        entry.position,
        entry.node_id,
        array_text(entry.iteration),
        entry.state,
        entry.at,
        storable(entry.port) if entry.port else None,
        None if entry.output is None else storable(entry.output),
        entry.cut,
        None if entry.error is None else storable(entry.error),
        entry.item_count,
    )
