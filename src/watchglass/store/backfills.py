"""Back-fill jobs: stretches of history to be listed and copied, and levels that have changed.

    closed → open → late ─┐
                          ├→ copying → over
    levels ───────────────┘

`closed`, `open` and `late` list the namespace; `levels` walks the rows that are there. Whoever does it holds the job
for a time and writes through `advance`, which refuses a holder that lost it: a process that was frozen and wakes up
again changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

from watchglass.model.connection import Connection, Level
from watchglass.model.level import is_copied
from watchglass.model.status import ExecutionStatus
from watchglass.store.listed_runs import requeue
from watchglass.store.queue import Place
from watchglass.store.scope import Reader, Writer
from watchglass.store.summaries import Row
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.text import storable


class Phase(StrEnum):
    CLOSED = "closed"
    """Lists closed runs by the time they closed, oldest first."""
    OPEN = "open"
    LATE = "late"
    """Lists what closed while the open ones were listed."""
    LEVELS = "levels"
    COPYING = "copying"
    """All is listed; the workers copy it."""
    OVER = "over"


@dataclass(frozen=True, slots=True)
class NewBackfill:
    """A job to make; one without `workflow_id` and `levels` lists the namespace."""

    from_at: datetime | None = None
    """Runs that started at or after this moment; None: all that there are."""
    query: str = ""
    """A visibility query: only runs that match it."""
    levels: bool = False
    """Queue what levels now cover, and no longer what they do not."""
    workflow_id: UUID | None = None
    """With `levels`: of this workflow; None: of the workflows that have no level of their own."""


@dataclass(frozen=True, slots=True)
class Backfill:
    project_id: UUID
    id: UUID
    connection_id: UUID
    workflow_id: UUID | None
    from_at: datetime | None
    query: str
    phase: Phase
    listed_until: datetime | None
    open_since: datetime | None
    after_id: UUID | None
    expected_runs: int | None
    holder: UUID


_COLUMNS = (
    "b.project_id, b.id, b.connection_id, b.workflow_id, b.from_at, b.query, b.phase, b.listed_until, b.open_since, "
    "b.after_id, b.expected_runs, b.holder"
)
_IS_WAITING = "e.next_sync_at IS NOT NULL AND e.sync_status IN ('pending', 'synced', 'failed')"
"""Set aside ones are not waited for."""
RELEASE_ROWS = 2000


async def add_backfill(writer: Writer, connection: Connection, new: NewBackfill) -> UUID:
    """Make a job for the workers to take."""
    backfill_id: UUID = await writer.fetchval(
        """
        INSERT INTO backfills (project_id, connection_id, kind, workflow_id, from_at, query, phase)
        VALUES ($1, $2, CASE WHEN $3 THEN 'level' ELSE 'history' END, $4, $5, $6,
                CASE WHEN $3 THEN 'levels' ELSE 'closed' END)
        RETURNING id
        """,
        connection.project_id,
        connection.id,
        new.levels,
        new.workflow_id,
        new.from_at,
        new.query,
    )
    return backfill_id


async def add_answer_none(writer: Writer, connection: Connection) -> UUID:
    """Keep that nobody wants the runs that are older than the connection."""
    backfill_id: UUID = await writer.fetchval(
        """
        INSERT INTO backfills (project_id, connection_id, kind, from_at, state, phase, expected_runs, finished_at)
        VALUES ($1, $2, 'history', clock_timestamp(), 'done', 'over', 0, clock_timestamp()) RETURNING id
        """,
        connection.project_id,
        connection.id,
    )
    return backfill_id


async def ensure_backfill(writer: Writer, connection: Connection) -> None:
    """A job for all that there is, unless the connection has had one."""
    asked = await writer.fetchval(
        "SELECT true FROM backfills WHERE connection_id = $1 AND kind = 'history' LIMIT 1", connection.id
    )
    if not asked:
        await add_backfill(writer, connection, NewBackfill())


async def repeat_backfills(writer: Writer, connection: Connection) -> None:
    """A job as far back as any before it, because the connection looks at other runs now."""
    await writer.execute(
        """
        INSERT INTO backfills (project_id, connection_id, kind, from_at, phase)
        SELECT project_id, connection_id, 'history', CASE WHEN bool_or(from_at IS NULL) THEN NULL ELSE min(from_at) END,
            'closed'
        FROM backfills WHERE project_id = $1 AND connection_id = $2 AND kind = 'history'
        GROUP BY project_id, connection_id
        """,
        connection.project_id,
        connection.id,
    )


async def hold_next(
    writer: Writer, *, holder: UUID, seconds: float, without: Sequence[UUID], wanted: UUID | None = None
) -> Backfill | None:
    """Take the oldest job that nobody lists for, of connections other than `without`; `wanted`: that one alone."""
    row = await writer.fetchrow(
        f"""
        WITH free AS (
            SELECT project_id, id FROM backfills
            WHERE phase NOT IN ('copying', 'over') AND state IN ('waiting', 'running')
              AND (held_until IS NULL OR held_until <= clock_timestamp())
              AND connection_id <> ALL ($3::uuid[]) AND ($4::uuid IS NULL OR id = $4)
            ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
        )
        UPDATE backfills b SET state = 'running', holder = $1,
            held_until = clock_timestamp() + $2 * interval '1 second',
            started_at = coalesce(b.started_at, clock_timestamp()), listed_in_window = 0
        FROM free WHERE b.project_id = free.project_id AND b.id = free.id
        RETURNING {_COLUMNS}
        """,  # noqa: S608 - own column names
        holder,
        seconds,
        list(without),
        wanted,
    )
    return None if row is None else _from_row(row)


def _from_row(row: asyncpg.Record) -> Backfill:
    return Backfill(**{**row, "phase": Phase(row["phase"])})


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a holder has come since it last said so."""

    in_window: int = 0
    """Runs listed, of a window that is not at its end."""
    queued: int = 0
    listed_until: datetime | None = None
    """The end of a window; its runs then count as listed."""
    open_since: datetime | None = None
    after_id: UUID | None = None
    expected: int | None = None
    phase: Phase | None = None


async def advance(writer: Writer, job: Backfill, step: Advance, *, seconds: float) -> bool:
    """Keep how far the job is, and hold it on; False when it is no longer this holder's: then nothing may be kept."""
    row = await writer.fetchrow(
        """
        UPDATE backfills SET held_until = clock_timestamp() + $4 * interval '1 second', error = NULL,
            listed_runs = listed_runs + CASE WHEN $10 THEN listed_in_window + $5 ELSE 0 END,
            listed_in_window = CASE WHEN $10 THEN 0 ELSE listed_in_window + $5 END,
            queued_runs = queued_runs + $6,
            listed_until = coalesce($7, listed_until), open_since = coalesce($8, open_since),
            after_id = coalesce($9, after_id), phase = coalesce($11, phase),
            expected_runs = coalesce($12, expected_runs)
        WHERE project_id = $1 AND id = $2 AND holder = $3 AND state = 'running' RETURNING id
        """,
        job.project_id,
        job.id,
        job.holder,
        seconds,
        step.in_window,
        step.queued,
        step.listed_until,
        step.open_since,
        step.after_id,
        step.listed_until is not None or step.phase is not None,
        step.phase,
        step.expected,
    )
    return row is not None


async def note_trouble(writer: Writer, job: Backfill, *, error: str, is_over: bool) -> None:
    """Keep why the job stands still; `is_over`: trying again would not help."""
    await writer.execute(
        """
        UPDATE backfills SET error = $4, held_until = NULL, state = CASE WHEN $5 THEN 'failed' ELSE state END,
            phase = CASE WHEN $5 THEN 'over' ELSE phase END,
            finished_at = CASE WHEN $5 THEN clock_timestamp() END
        WHERE project_id = $1 AND id = $2 AND holder = $3 AND state = 'running'
        """,
        job.project_id,
        job.id,
        job.holder,
        storable(error[:2000]),
        is_over,
    )


async def count_missed(writer: Writer, *, project_id: UUID, backfill_id: UUID) -> None:
    """A run that the job had queued was deleted by Temporal before it was copied.

    Last in its transaction, behind the totals: a job's pages are kept in that order too.
    """
    await writer.execute(
        "UPDATE backfills SET missed_runs = missed_runs + 1 WHERE project_id = $1 AND id = $2", project_id, backfill_id
    )


async def finish_copied(writer: Writer) -> None:
    """Jobs of which nothing waits any more are done."""
    await writer.execute(
        f"""
        UPDATE backfills b SET state = 'done', phase = 'over', finished_at = clock_timestamp(), held_until = NULL
        WHERE b.phase = 'copying' AND b.state = 'running' AND NOT EXISTS (
            SELECT FROM workflow_executions e
            WHERE e.connection_id = b.connection_id AND e.backfill_id = b.id AND {_IS_WAITING})
        """  # noqa: S608 - own words only
    )


async def cancel_backfill(writer: Writer, backfill_id: UUID) -> None:
    """Stop a job; what it has copied stays, what it queued is released by the workers."""
    await writer.execute(
        """
        UPDATE backfills SET state = 'cancelled', finished_at = clock_timestamp(), held_until = NULL
        WHERE id = $1 AND state IN ('waiting', 'running')
        """,
        backfill_id,
    )


async def release_cancelled(writer: Writer) -> bool:
    """Take runs of cancelled jobs out of the queue, some at a time; False when there are none."""
    job = await writer.fetchrow(
        "SELECT project_id, id, connection_id FROM backfills WHERE state = 'cancelled' AND phase <> 'over' "
        "ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED"
    )
    if job is None:
        return False
    released = await writer.fetch(
        """
        WITH waiting AS (
            SELECT project_id, id FROM workflow_executions
            WHERE connection_id = $1 AND backfill_id = $2 AND next_sync_at IS NOT NULL LIMIT $3 FOR UPDATE SKIP LOCKED
        )
        UPDATE workflow_executions e SET next_sync_at = NULL, backfill_id = NULL
        FROM waiting WHERE e.project_id = waiting.project_id AND e.id = waiting.id RETURNING e.id
        """,
        job["connection_id"],
        job["id"],
        RELEASE_ROWS,
    )
    # What somebody writes at this moment is passed over, and is there the next time.
    await writer.execute(
        """
        UPDATE backfills b SET queued_runs = queued_runs - $3, phase = CASE WHEN EXISTS (
            SELECT FROM workflow_executions e
            WHERE e.connection_id = b.connection_id AND e.backfill_id = b.id AND e.next_sync_at IS NOT NULL
        ) THEN phase ELSE 'over' END
        WHERE project_id = $1 AND id = $2
        """,
        job["project_id"],
        job["id"],
        len(released),
    )
    return True


@dataclass(frozen=True, slots=True)
class Levelled:
    after_id: UUID | None
    """The last row that was looked at; None: there are no more."""
    looked_at: int
    queued: int


async def apply_levels(writer: Writer, job: Backfill, *, limit: int) -> Levelled:
    """Queue what the levels now cover and take out what they do not, for the rows behind `job.after_id`."""
    rows = await writer.fetch(
        """
        SELECT e.project_id, e.id, e.temporal_run_id, e.status, e.detail_state, e.next_sync_at IS NOT NULL AS is_queued,
            e.backfill_id, e.sync_status, coalesce(w.level, c.level) AS level
        FROM workflow_executions e
        JOIN workflows w ON w.project_id = e.project_id AND w.id = e.workflow_id
        JOIN connections c ON c.project_id = e.project_id AND c.id = e.connection_id
        WHERE e.project_id = $1 AND e.connection_id = $2 AND e.id > $4 AND NOT e.is_final
          AND CASE WHEN $3::uuid IS NULL THEN w.level IS NULL ELSE e.workflow_id = $3 END
        ORDER BY e.project_id, e.id LIMIT $5 FOR UPDATE OF e
        """,
        job.project_id,
        job.connection_id,
        job.workflow_id,
        job.after_id or UUID(int=0),
        limit,
    )
    wanted = [row for row in rows if not row["is_queued"] and row["sync_status"] != "set_aside" and _is_copied(row)]
    unwanted = [row for row in rows if row["is_queued"] and not _is_copied(row)]
    await requeue(writer, [ExecutionKey(row["project_id"], row["id"]) for row in wanted], Place(job.id))
    await _take_out(writer, job, unwanted)
    return Levelled(rows[-1]["id"] if len(rows) == limit else None, len(rows), len(wanted))


def _is_copied(row: asyncpg.Record) -> bool:
    status, watched = ExecutionStatus(row["status"]), row["detail_state"] != "none"
    return is_copied(Level(row["level"]), status, row["temporal_run_id"], watched=watched)


async def _take_out(writer: Writer, job: Backfill, rows: Sequence[asyncpg.Record]) -> None:
    await writer.execute(
        "UPDATE workflow_executions SET next_sync_at = NULL, backfill_id = NULL "
        "WHERE project_id = $1 AND id = ANY ($2::uuid[])",
        job.project_id,
        [row["id"] for row in rows],
    )
    of_jobs = [row["backfill_id"] for row in rows if row["backfill_id"] is not None]
    await writer.execute(
        """
        UPDATE backfills b SET queued_runs = b.queued_runs - out.runs
        FROM (SELECT id, count(*) AS runs FROM unnest($2::uuid[]) AS taken(id) GROUP BY id) out
        WHERE b.project_id = $1 AND b.id = out.id
        """,
        job.project_id,
        of_jobs,
    )


_SHOWN = """
    WITH shown AS MATERIALIZED (
        SELECT * FROM backfills b WHERE {jobs}
    ), waiting AS MATERIALIZED (
        -- All jobs of a connection in one look at its queue: it may hold a million runs.
        SELECT e.backfill_id AS id, count(*) FILTER (WHERE e.sync_status <> 'set_aside') AS runs,
            count(*) FILTER (WHERE e.sync_status = 'set_aside') AS set_aside
        FROM workflow_executions e
        WHERE e.connection_id IN (SELECT connection_id FROM shown) AND e.backfill_id IS NOT NULL
          AND e.next_sync_at IS NOT NULL
        GROUP BY e.backfill_id
    )
    SELECT b.id, b.project_id, b.connection_id, c.namespace, b.kind, b.workflow_id, w.name AS workflow_name, b.from_at,
        b.to_at, b.query, b.state, b.phase, b.expected_runs, b.listed_runs + b.listed_in_window AS listed_runs,
        b.queued_runs, b.missed_runs, b.error, b.created_at, b.started_at, b.finished_at,
        extract(epoch FROM coalesce(b.finished_at, clock_timestamp()) - b.started_at)::double precision AS seconds,
        coalesce(waiting.runs, 0) AS waiting_runs, coalesce(waiting.set_aside, 0) AS set_aside_runs
    FROM shown b
    JOIN connections c ON c.project_id = b.project_id AND c.id = b.connection_id
    LEFT JOIN workflows w ON w.project_id = b.project_id AND w.id = b.workflow_id
    LEFT JOIN waiting ON waiting.id = b.id
    ORDER BY b.created_at DESC, b.id DESC
"""
_ONE_SHOWN = _SHOWN.format(jobs="b.id = $1")
_NEWEST_SHOWN = _SHOWN.format(jobs="b.project_id = $1 ORDER BY b.created_at DESC, b.id DESC LIMIT $2")


async def read_backfill(reader: Reader, backfill_id: UUID) -> Row | None:
    return await reader.fetchrow(_ONE_SHOWN, backfill_id)


async def read_backfills(reader: Reader, *, project_id: UUID, limit: int) -> list[Row]:
    """A project's jobs, newest first."""
    return list(await reader.fetch(_NEWEST_SHOWN, project_id, limit))


async def connections_unanswered(reader: Reader, *, project_id: UUID) -> list[Row]:
    """`id`, `namespace`, `created_at` and `level` of connections whose older runs nobody has decided about."""
    return list(
        await reader.fetch(
            """
            SELECT c.id, c.namespace, c.created_at, c.level FROM connections c
            WHERE c.project_id = $1 AND NOT EXISTS (
                SELECT FROM backfills b WHERE b.connection_id = c.id AND b.kind = 'history')
            ORDER BY c.created_at, c.id
            """,
            project_id,
        )
    )
