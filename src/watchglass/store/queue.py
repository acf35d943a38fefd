"""The durable queue of runs to sync: `workflow_executions.next_sync_at`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from watchglass.store.scope import Reader, Writer
from watchglass.store.sync_states import ExecutionKey

CHANNEL = "watchglass_due"
"""NOTIFY channel; its payload is a connection id, never data."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the queue runs are put."""

    backfill_id: UUID | None = None
    """The job that wants them: they wait behind those that are new, what Temporal deletes first before the others."""
    held_seconds: float | None = None
    """The process that queues them copies them itself; for so long they are nobody else's."""


NEW = Place()
"""Among the new runs, due at once."""


def next_sync_at(run: str) -> str:
    """SQL: when a run is due, of a row with `closed_at`, `backfill_id` and `held_seconds`.

    A job's runs have been due since they closed. The namespace keeps all runs for the same time, so the queue's order
    is then the order in which Temporal deletes them.
    """
    return f"""CASE
        WHEN {run}.held_seconds IS NOT NULL THEN clock_timestamp() + {run}.held_seconds * interval '1 second'
        WHEN {run}.backfill_id IS NOT NULL THEN least(coalesce({run}.closed_at, 'infinity'), clock_timestamp())
        ELSE clock_timestamp() END"""


async def enqueue(writer: Writer, keys: Sequence[ExecutionKey]) -> None:
    """Make executions due now, also those set aside. Final ones are left alone unless they were set aside."""
    await writer.execute(
        """
        UPDATE workflow_executions SET next_sync_at = clock_timestamp(), backfill_id = NULL,
            sync_failures = CASE WHEN sync_status = 'set_aside' THEN 0 ELSE sync_failures END
        WHERE (project_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) AND NOT is_final
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
    )
    await writer.execute(
        """
        SELECT pg_notify($3, connection_id::text) FROM (
            SELECT DISTINCT connection_id FROM workflow_executions
            WHERE (project_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))) due
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
        CHANNEL,
    )


async def enqueue_set_aside(writer: Writer, project_id: UUID) -> int:
    """Make all that a project has set aside due now; returns how many that are."""
    rows = await writer.fetch(
        "SELECT id FROM workflow_executions WHERE project_id = $1 AND sync_status = 'set_aside' AND NOT is_final",
        project_id,
    )
    await enqueue(writer, [ExecutionKey(project_id, row["id"]) for row in rows])
    return len(rows)


async def notify_due(writer: Writer, connection_id: UUID) -> None:
    """Wake whoever waits for work of this connection, when the transaction commits."""
    await writer.execute("SELECT pg_notify($1, $2)", CHANNEL, str(connection_id))


@dataclass(frozen=True, slots=True)
class Claim:
    """Executions that were taken from the queue together."""

    runs: list[tuple[ExecutionKey, bool]]
    """Each with whether it has failed before."""
    until: datetime | None
    """By the database's clock; the mark by which the claim is known: what anybody did with a run since moved its own.
    None of an empty claim."""


async def claim_due(
    writer: Writer, *, connection_id: UUID, limit: int, lease_seconds: float, backfill_limit: int
) -> Claim:
    """Take up to `limit` due executions, longest due first.

    Those of back-fill jobs come after the others, and only while less than half of `backfill_limit` of them are
    being worked on: so a new run never waits for more than what is under way, and old ones never wait for ever.
    Taking one moves it `lease_seconds` into the future: whoever took it and died does not lose it.
    """
    rows = await writer.fetch(
        f"""
        WITH fresh AS (
            SELECT project_id, id FROM workflow_executions
            WHERE connection_id = $1 AND backfill_id IS NULL AND next_sync_at <= statement_timestamp()
            ORDER BY next_sync_at LIMIT $2 FOR UPDATE SKIP LOCKED
        ), old AS (
            SELECT project_id, id FROM workflow_executions
            WHERE connection_id = $1 AND backfill_id IS NOT NULL AND next_sync_at <= statement_timestamp()
            ORDER BY next_sync_at
            LIMIT (SELECT CASE WHEN taken < $4 / 2.0 THEN $4 - taken ELSE 0 END FROM ({_UNDER_WAY}) under_way)
            FOR UPDATE SKIP LOCKED
        )
        UPDATE workflow_executions e SET next_sync_at = statement_timestamp() + $3 * interval '1 second'
        FROM (SELECT * FROM fresh UNION ALL SELECT * FROM old) due
        WHERE e.project_id = due.project_id AND e.id = due.id
        RETURNING e.project_id, e.id, e.sync_failures > 0 AS has_failed, e.next_sync_at
        """,  # noqa: S608 - own words only
        connection_id,
        limit,
        lease_seconds,
        backfill_limit,
    )
    return Claim(
        [(ExecutionKey(row["project_id"], row["id"]), row["has_failed"]) for row in rows],
        rows[0]["next_sync_at"] if rows else None,
    )


async def keep_claimed(
    writer: Writer, keys: Sequence[ExecutionKey], marks: Sequence[datetime], *, seconds: float
) -> datetime | None:
    """Hold on to those of `keys` that nobody has begun since they were claimed, which `marks` tell.

    `marks` are the ends of the claim so far. Returns the new one; None when no execution is left.
    """
    rows = await writer.fetch(
        """
        WITH waiting AS (
            SELECT project_id, id FROM workflow_executions
            WHERE (project_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
              AND next_sync_at = ANY ($3::timestamptz[])
            FOR UPDATE SKIP LOCKED)
        UPDATE workflow_executions e SET next_sync_at = statement_timestamp() + $4 * interval '1 second'
        FROM waiting WHERE e.project_id = waiting.project_id AND e.id = waiting.id
        RETURNING e.next_sync_at
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
        marks,
        seconds,
    )
    return rows[0]["next_sync_at"] if rows else None


async def release_claimed(writer: Writer, keys: Sequence[ExecutionKey], marks: Sequence[datetime]) -> None:
    """Make those of `keys` due now that nobody has begun since they were claimed, which `marks` tell."""
    await writer.execute(
        """
        WITH waiting AS (
            SELECT project_id, id FROM workflow_executions
            WHERE (project_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
              AND next_sync_at = ANY ($3::timestamptz[])
            FOR UPDATE SKIP LOCKED
        ), due AS (
            UPDATE workflow_executions e SET next_sync_at = statement_timestamp()
            FROM waiting WHERE e.project_id = waiting.project_id AND e.id = waiting.id RETURNING e.connection_id
        )
        SELECT pg_notify($4, connection_id::text) FROM (SELECT DISTINCT connection_id FROM due) connections
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
        marks,
        CHANNEL,
    )


_UNDER_WAY = """
    SELECT count(*) AS taken FROM workflow_executions
    WHERE connection_id = $1 AND backfill_id IS NOT NULL AND next_sync_at > statement_timestamp()
      AND sync_status IN ('pending', 'synced')
"""


async def lease(writer: Writer, keys: Sequence[ExecutionKey], *, seconds: float) -> None:
    """Keep executions that somebody works on from being due for others, unless they are not due before anyway."""
    await writer.execute(
        """
        UPDATE workflow_executions
        SET next_sync_at = clock_timestamp() + $3 * interval '1 second'
        WHERE next_sync_at < clock_timestamp() + $3 * interval '1 second' AND (project_id, id) IN (
            -- Not those that are being written: the sync locks its rows in an order of its own.
            SELECT project_id, id FROM workflow_executions
            WHERE (project_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) FOR UPDATE SKIP LOCKED)
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
        seconds,
    )


async def kept_for_less(reader: Reader, keys: Sequence[ExecutionKey], *, seconds: float) -> set[ExecutionKey]:
    """Those of `keys` that are in the queue and due within `seconds`."""
    rows = await reader.fetch(
        """
        SELECT project_id, id FROM workflow_executions
        WHERE (project_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
          AND next_sync_at < clock_timestamp() + $3 * interval '1 second'
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
        seconds,
    )
    return {ExecutionKey(row["project_id"], row["id"]) for row in rows}


async def next_due(reader: Reader, *, connection_id: UUID, backfill_limit: int) -> datetime | None:
    """When the next execution of the connection can be taken; None when none is waiting."""
    due: datetime | None = await reader.fetchval(
        f"""
        SELECT least(
            (SELECT min(next_sync_at) FROM workflow_executions
             WHERE connection_id = $1 AND next_sync_at IS NOT NULL AND backfill_id IS NULL),
            (SELECT CASE WHEN taken < $2 / 2.0 THEN first
                         ELSE greatest(first, clock_timestamp() + interval '250 milliseconds') END
             FROM ({_UNDER_WAY}) under_way,
                  (SELECT min(next_sync_at) AS first FROM workflow_executions
                   WHERE connection_id = $1 AND next_sync_at IS NOT NULL AND backfill_id IS NOT NULL) waiting))
        """,  # noqa: S608 - own words only
        connection_id,
        backfill_limit,
    )
    return due
