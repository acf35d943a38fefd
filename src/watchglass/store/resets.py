"""Runs that a reset replaced, and the runs in their place, joined in whatever order they are copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from watchglass.store.scope import Writer
from watchglass.store.sync_states import ExecutionKey


@dataclass(frozen=True, slots=True)
class Reset:
    key: ExecutionKey
    """The run that the reset made."""
    connection_id: UUID
    base_run_id: str
    """Temporal's id of the run that was reset."""


async def find_bases(writer: Writer, resets: Sequence[Reset]) -> list[ExecutionKey]:
    """The executions that were reset, those that are known. Call it before any execution is locked.

    A base that is not known may be on its way in, written by a transaction that nobody sees yet and that does not see
    this one. Every such transaction holds its connection's level, so this one waits for them there, and whoever comes
    later finds what this one wrote. Once is enough: the link stands in the run's row then.
    """
    if not resets:
        return []
    rows = await _look_up(writer, resets)
    doubtful = sorted(
        {row["connection_id"] for row in rows if row["base_id"] is None and not row["is_linked"]}, key=str
    )
    if doubtful:
        # Not FOR UPDATE: who has locked a run of ours may still need the connection for a foreign key.
        await writer.fetch(
            "SELECT id FROM connections WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", doubtful
        )
        rows = await _look_up(writer, resets)
    return [ExecutionKey(row["project_id"], row["base_id"]) for row in rows if row["base_id"] is not None]


async def _look_up(writer: Writer, resets: Sequence[Reset]) -> Sequence[asyncpg.Record]:
    return await writer.fetch(
        """
        SELECT r.project_id, r.connection_id, k.execution_id AS base_id,
            coalesce(e.reset_from_run_id = r.base_run_id, false) AS is_linked
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) AS r(project_id, id, connection_id, base_run_id)
        LEFT JOIN workflow_executions e ON e.project_id = r.project_id AND e.id = r.id
        LEFT JOIN execution_keys k ON k.connection_id = r.connection_id AND k.temporal_run_id = r.base_run_id
        """,
        [reset.key.project_id for reset in resets],
        [reset.key.id for reset in resets],
        [reset.connection_id for reset in resets],
        [reset.base_run_id for reset in resets],
    )


async def link_resets(writer: Writer, keys: Sequence[ExecutionKey]) -> None:
    """Let those of these executions that were reset name the newest run in their place. They must be locked."""
    await writer.execute(
        """
        UPDATE workflow_executions e SET superseded_by = found.run_id
        FROM (
            SELECT b.project_id, b.id, n.temporal_run_id AS run_id
            FROM unnest($1::uuid[], $2::uuid[]) AS given(project_id, id)
            -- Row by row, also while PostgreSQL does not know yet how large the table is.
            JOIN LATERAL (
                SELECT b.project_id, b.id, b.connection_id, b.temporal_run_id FROM workflow_executions b
                WHERE b.project_id = given.project_id AND b.id = given.id OFFSET 0
            ) b ON true
            JOIN LATERAL (
                SELECT n.temporal_run_id FROM workflow_executions n
                WHERE n.project_id = b.project_id AND n.connection_id = b.connection_id
                  AND n.reset_from_run_id = b.temporal_run_id
                ORDER BY n.started_at DESC, n.id DESC LIMIT 1
            ) n ON true
        ) found
        WHERE e.project_id = found.project_id AND e.id = found.id AND e.superseded_by IS DISTINCT FROM found.run_id
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
    )
