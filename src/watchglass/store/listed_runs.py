"""Runs as visibility or Describe lists them: the first that is known of a run, before its history is read."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from watchglass.model.connection import Connection
from watchglass.model.described import Described
from watchglass.model.ids import uuid7_at
from watchglass.parse.status import listed_status
from watchglass.store.bulk import MOMENT, Columns, run_rows
from watchglass.store.scope import Reader, Writer
from watchglass.store.search_attributes import save_search_attributes
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.text import storable, storable_id
from watchglass.store.workflows import ensure_observed

_COLUMNS = Columns(
    (
        ("project_id", "uuid"),
        ("id", "uuid"),
        ("workflow_id", "uuid"),
        ("connection_id", "uuid"),
        ("namespace", "text"),
        ("temporal_workflow_id", "text"),
        ("temporal_workflow_key", "bytea"),
        ("temporal_run_id", "text"),
        ("temporal_type", "text"),
        ("parent_workflow_id", "text"),
        ("parent_run_id", "text"),
        ("root_workflow_id", "text"),
        ("root_run_id", "text"),
        ("first_run_id", "text"),
        ("status", "text"),
        ("started_at", MOMENT),
        ("closed_at", MOMENT),
        ("duration_ms", "double precision"),
        ("task_queue", "text"),
        ("history_length", "bigint"),
        ("history_bytes", "bigint"),
    )
)
_INSERT = f"""
    INSERT INTO workflow_executions ({", ".join(_COLUMNS.names)}, next_sync_at)
    SELECT given.*, clock_timestamp() FROM ({_COLUMNS.values()}) given
"""  # noqa: S608 - own column names


async def known_runs(reader: Reader, connection_id: UUID, run_ids: Sequence[str]) -> dict[str, ExecutionKey]:
    """The executions that these Temporal run ids already are."""
    rows = await reader.fetch(
        "SELECT temporal_run_id, project_id, execution_id FROM execution_keys "
        "WHERE connection_id = $1 AND temporal_run_id = ANY ($2::text[])",
        connection_id,
        run_ids,
    )
    return {row["temporal_run_id"]: ExecutionKey(row["project_id"], row["execution_id"]) for row in rows}


async def insert_listed(writer: Writer, connection: Connection, runs: Sequence[Described]) -> list[ExecutionKey]:
    """Insert the runs that nobody has seen yet, due at once; return their keys in the order given."""
    keys = await _insert_keys(writer, connection, runs)
    new = [(keys[run.ref.run_id], run) for run in runs if run.ref.run_id in keys]
    if not new:
        return []
    workflows = await ensure_observed(writer, project_id=connection.project_id, types={run.type for _, run in new})
    await run_rows(writer, _INSERT, [_row(connection, key, workflows[run.type], run) for key, run in new])
    await save_search_attributes(writer, [(key, run.search_attributes) for key, run in new])
    return [key for key, _ in new]


async def _insert_keys(writer: Writer, connection: Connection, runs: Sequence[Described]) -> dict[str, ExecutionKey]:
    # Ordered by run id, so that two discoveries of the same runs wait for each other instead of for a ring.
    ordered = sorted({run.ref.run_id: run for run in runs}.values(), key=lambda run: run.ref.run_id)
    rows = await writer.fetch(
        """
        INSERT INTO execution_keys (connection_id, temporal_run_id, project_id, execution_id)
        SELECT $1, run_id, $2, id FROM unnest($3::text[], $4::uuid[]) AS r(run_id, id)
        ON CONFLICT (connection_id, temporal_run_id) DO NOTHING
        RETURNING temporal_run_id, execution_id
        """,
        connection.id,
        connection.project_id,
        [run.ref.run_id for run in ordered],
        [uuid7_at(run.started_at or 0) for run in ordered],
    )
    return {row["temporal_run_id"]: ExecutionKey(connection.project_id, row["execution_id"]) for row in rows}


def _row(connection: Connection, key: ExecutionKey, workflow_id: UUID, run: Described) -> tuple[Any, ...]:
    shown_id, raw_id = storable_id(run.ref.workflow_id)
    status = listed_status(run.status)
    started_at = run.started_at or 0
    closed_at = run.closed_at if not status.is_open else None
    return (
        key.project_id,
        key.id,
        workflow_id,
        connection.id,
        connection.namespace,
        shown_id,
        raw_id,
        run.ref.run_id,
        storable(run.type),
        storable_id(run.parent.workflow_id)[0] if run.parent else None,
        run.parent.run_id if run.parent else None,
        storable_id(run.root.workflow_id)[0] if run.root else None,
        run.root.run_id if run.root else None,
        run.first_run_id,
        status,
        started_at,
        closed_at,
        max(closed_at - started_at, 0) / 1000 if closed_at is not None else None,
        storable(run.task_queue),
        run.history_length,
        run.history_bytes or None,
    )


async def settle_closed(writer: Writer, connection: Connection, runs: Sequence[Described]) -> None:
    """Keep what only the list says of runs that have closed: their size, and the attributes that the server set.

    A run that is being synced in this moment is left to the next look, which overlaps this one.
    """
    closed = [run for run in runs if not listed_status(run.status).is_open and run.history_bytes]
    rows = await writer.fetch(
        """
        WITH changed AS (
            SELECT e.project_id, e.id, listed.history_bytes
            FROM unnest($2::text[], $3::bigint[]) AS listed(run_id, history_bytes)
            JOIN execution_keys k ON k.connection_id = $1 AND k.temporal_run_id = listed.run_id
            JOIN workflow_executions e ON e.project_id = k.project_id AND e.id = k.execution_id
            WHERE e.history_bytes IS DISTINCT FROM listed.history_bytes
            FOR UPDATE OF e SKIP LOCKED
        )
        UPDATE workflow_executions e SET history_bytes = changed.history_bytes
        FROM changed WHERE e.project_id = changed.project_id AND e.id = changed.id
        RETURNING e.project_id, e.id, e.temporal_run_id
        """,
        connection.id,
        [run.ref.run_id for run in closed],
        [run.history_bytes for run in closed],
    )
    by_run = {run.ref.run_id: run.search_attributes for run in closed}
    changed = [(ExecutionKey(row["project_id"], row["id"]), by_run[row["temporal_run_id"]]) for row in rows]
    await save_search_attributes(writer, changed)


async def requeue_changed(writer: Writer, connection: Connection, runs: Sequence[Described]) -> int:
    """Make known runs due now where the list says more than the copy has; return how many.

    A closed run that is copied as open is due whatever its length; an open one when its history has grown.
    """
    rows = await writer.fetch(
        """
        WITH behind AS (
            SELECT e.project_id, e.id
            FROM unnest($2::text[], $3::boolean[], $4::bigint[]) AS listed(run_id, is_open, history_length)
            JOIN execution_keys k ON k.connection_id = $1 AND k.temporal_run_id = listed.run_id
            JOIN workflow_executions e ON e.project_id = k.project_id AND e.id = k.execution_id
            WHERE NOT e.is_final AND e.sync_status IN ('pending', 'synced')
              AND (e.next_sync_at IS NULL OR e.next_sync_at > clock_timestamp() + interval '1 second')
              AND (NOT listed.is_open OR listed.history_length > e.history_length)
              AND (e.synced_at IS NULL OR e.synced_at < clock_timestamp() - interval '500 milliseconds')
            FOR UPDATE OF e SKIP LOCKED
        )
        UPDATE workflow_executions e SET next_sync_at = clock_timestamp()
        FROM behind WHERE e.project_id = behind.project_id AND e.id = behind.id
        RETURNING e.id
        """,
        connection.id,
        [run.ref.run_id for run in runs],
        [listed_status(run.status).is_open for run in runs],
        [run.history_length for run in runs],
    )
    return len(rows)
