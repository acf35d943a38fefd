"""Whether workers take work from the task queues that a connection's open runs use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

from watchglass.model.connection import Connection
from watchglass.store.scope import Reader, Writer
from watchglass.store.text import storable


class QueueKind(StrEnum):
    WORKFLOW = "workflow"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class UsedQueue:
    """A task queue that an open run uses, and what was last seen of it."""

    name: str
    kind: QueueKind
    newest_poll_at: datetime | None
    """When a worker last asked for work, by the server's clock; None: never, or never looked at."""
    quiet_seconds: float | None
    """How long ago, by our clock, we last saw `newest_poll_at` change; None when it was never looked at."""
    is_busy: bool
    """An activity of the queue has started and not ended: its worker may be too busy to ask for more."""
    is_silent: bool = False
    """When it was last looked at, no worker took work from it."""


@dataclass(frozen=True, slots=True)
class CheckedQueue:
    name: str
    kind: QueueKind
    is_polled: bool
    newest_poll_at: datetime | None
    is_stirred: bool = True
    """Tasks have come into the queue or gone from it within `STIR_SECONDS`."""


STIR_SECONDS = 25.0
"""Servers keep for 30 s that a task came or went: a queue that was not looked at for longer may have missed one."""
_USED = """
    WITH used AS (
        SELECT task_queue AS name, kind, false AS is_busy
        FROM workflow_executions, unnest(ARRAY['workflow', 'activity']) AS kind
        WHERE connection_id = $2 AND NOT is_final AND status IN ('pending', 'running', 'paused')
        GROUP BY task_queue, kind
        UNION ALL
        SELECT c.task_queue, 'activity', bool_or(c.status = 'running')
        FROM component_executions c
        JOIN workflow_executions e ON e.project_id = c.project_id AND e.id = c.execution_id
        WHERE c.project_id = $1 AND e.connection_id = $2 AND NOT e.is_final AND c.task_queue IS NOT NULL
          AND c.kind = 'activity' AND c.status IN ('pending', 'running', 'retrying', 'paused')
        GROUP BY c.task_queue
    )
    SELECT u.name, u.kind, bool_or(u.is_busy) AS is_busy, q.newest_poll_at,
        coalesce(NOT q.is_polled, false) AS is_silent,
        extract(epoch FROM clock_timestamp() - q.poll_seen_at)::float8 AS quiet_seconds
    FROM used u
    LEFT JOIN task_queues q ON q.project_id = $1 AND q.connection_id = $2 AND q.name = u.name AND q.kind = u.kind
    WHERE u.name <> '' AND (q.checked_at IS NULL OR q.checked_at < clock_timestamp() - $3 * interval '1 second')
    GROUP BY u.name, u.kind, q.newest_poll_at, q.is_polled, q.poll_seen_at, q.checked_at
    ORDER BY q.checked_at NULLS FIRST LIMIT $4
"""
"""Of the queues that runs started on also those of activities: a quiet run that goes on most likely uses that one."""


async def delete_unused_queues(writer: Writer, project_id: UUID) -> None:
    """Those that no stored run and no stored step names: they would keep the names of runs that were erased."""
    await writer.execute(
        """
        DELETE FROM task_queues q WHERE project_id = $1
          AND NOT EXISTS (SELECT FROM workflow_executions e WHERE e.project_id = $1 AND e.task_queue = q.name)
          AND NOT EXISTS (SELECT FROM component_executions c WHERE c.project_id = $1 AND c.task_queue = q.name)
        """,
        project_id,
    )


async def read_used_queues(
    reader: Reader, connection: Connection, *, unseen_seconds: float, limit: int
) -> list[UsedQueue]:
    """The queues that open runs use and that nobody has checked for `unseen_seconds`, longest unchecked first."""
    rows = await reader.fetch(_USED, connection.project_id, connection.id, unseen_seconds, limit)
    return [
        UsedQueue(
            name=row["name"],
            kind=QueueKind(row["kind"]),
            newest_poll_at=row["newest_poll_at"],
            quiet_seconds=row["quiet_seconds"],
            is_busy=row["is_busy"],
            is_silent=row["is_silent"],
        )
        for row in rows
    ]


async def save_checked_queues(
    writer: Writer, connection: Connection, queues: Sequence[CheckedQueue]
) -> list[tuple[str, QueueKind]]:
    """Keep what was seen, forget queues that no open run has used for an hour, and return which fell silent."""
    still = [queue for queue in queues if not queue.is_stirred]
    rows = await writer.fetch(
        """
        INSERT INTO task_queues AS known (project_id, connection_id, name, kind, is_polled, newest_poll_at,
            poll_seen_at, silent_since, checked_at, stirred_at)
        SELECT $1, $2, name, kind, is_polled, newest_poll_at, statement_timestamp(),
            CASE WHEN is_polled THEN NULL ELSE statement_timestamp() END, statement_timestamp(), statement_timestamp()
        FROM unnest($3::text[], $4::text[], $5::boolean[], $6::timestamptz[])
            AS seen (name, kind, is_polled, newest_poll_at)
        ORDER BY name, kind
        ON CONFLICT (project_id, connection_id, name, kind) DO UPDATE SET
            is_polled = excluded.is_polled, newest_poll_at = excluded.newest_poll_at,
            poll_seen_at = CASE WHEN known.newest_poll_at IS DISTINCT FROM excluded.newest_poll_at
                                THEN excluded.poll_seen_at ELSE known.poll_seen_at END,
            silent_since = CASE WHEN excluded.is_polled THEN NULL
                                ELSE coalesce(known.silent_since, excluded.silent_since) END,
            checked_at = excluded.checked_at,
            stirred_at = CASE WHEN (known.name, known.kind) IN (SELECT * FROM unnest($7::text[], $8::text[]))
                                  AND known.checked_at > statement_timestamp() - $9 * interval '1 second'
                              THEN known.stirred_at ELSE excluded.stirred_at END
        RETURNING name, kind, silent_since = checked_at AS fell_silent
        """,
        connection.project_id,
        connection.id,
        [storable(queue.name) for queue in queues],
        [queue.kind for queue in queues],
        [queue.is_polled for queue in queues],
        [queue.newest_poll_at for queue in queues],
        [storable(queue.name) for queue in still],
        [queue.kind for queue in still],
        STIR_SECONDS,
    )
    await writer.execute(
        "DELETE FROM task_queues WHERE project_id = $1 AND connection_id = $2 "
        "AND checked_at < clock_timestamp() - interval '1 hour'",
        connection.project_id,
        connection.id,
    )
    return [(row["name"], QueueKind(row["kind"])) for row in rows if row["fell_silent"]]


async def read_checked_queue(
    reader: Reader, connection: Connection, name: str, kind: QueueKind, *, younger_than: float
) -> CheckedQueue | None:
    """What the patrol saw at most `younger_than` seconds ago; None when it did not look."""
    row = await reader.fetchrow(
        """
        SELECT is_polled, newest_poll_at FROM task_queues
        WHERE project_id = $1 AND connection_id = $2 AND name = $3 AND kind = $4
          AND checked_at > clock_timestamp() - $5 * interval '1 second'
        """,
        connection.project_id,
        connection.id,
        name,
        kind,
        younger_than,
    )
    return CheckedQueue(name, kind, row["is_polled"], row["newest_poll_at"]) if row else None


async def read_silent_queues(reader: Reader, connection: Connection) -> set[tuple[str, QueueKind]]:
    rows: list[asyncpg.Record] = await reader.fetch(
        "SELECT name, kind FROM task_queues WHERE project_id = $1 AND connection_id = $2 AND NOT is_polled",
        connection.project_id,
        connection.id,
    )
    return {(row["name"], QueueKind(row["kind"])) for row in rows}
