"""The look at open runs, connection by connection: whose turn it is, and making due what deserves a sync."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from watchglass.model.connection import Connection
from watchglass.model.execution import RunRef
from watchglass.model.status import ExecutionStatus, Phase, Problem
from watchglass.store.queue import notify_due
from watchglass.store.scope import Reader, Writer
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.task_queues import QueueKind
from watchglass.store.text import storable

_OPEN = "e.connection_id = $1 AND NOT e.is_final AND e.status IN ('pending', 'running', 'paused')"
_WAITS = """
    e.sync_status IN ('pending', 'synced') AND e.next_sync_at > clock_timestamp() + interval '1 second'
"""
"""The run's next sync is still to come: one that fails, or that nobody asked to be copied, is left alone."""


@dataclass(frozen=True, slots=True)
class CopiedRun:
    """What the copy says of an open run, as far as Describe says the same."""

    key: ExecutionKey
    ref: RunRef
    status: ExecutionStatus
    phase: Phase | None
    problem: Problem | None
    history_length: int
    task_queue: str
    retrying: int
    """Activities that are being retried."""
    paused: int
    """Activities that are paused."""
    running: int
    """Activities that have begun."""
    activity_queues: frozenset[str]
    """Where open activities wait or run."""


async def count_open(reader: Reader, connection: Connection) -> int:
    count: int = await reader.fetchval(f"SELECT count(*) FROM workflow_executions e WHERE {_OPEN}", connection.id)  # noqa: S608
    return count


async def save_patrol(writer: Writer, connection: Connection, *, open_runs: int, full_round_seconds: float) -> None:
    await writer.execute(
        """
        INSERT INTO patrols (project_id, connection_id, open_runs, full_round_seconds, patrolled_at)
        VALUES ($1, $2, $3, $4, clock_timestamp())
        ON CONFLICT (project_id, connection_id) DO UPDATE SET open_runs = excluded.open_runs,
            full_round_seconds = excluded.full_round_seconds, patrolled_at = excluded.patrolled_at
        """,
        connection.project_id,
        connection.id,
        open_runs,
        full_round_seconds,
    )


_IS_QUIET = """
    e.phase = 'waiting' AND e.problem IS NULL AND e.history_length < $5 AND coalesce(e.history_bytes, 0) < $6
    AND NOT EXISTS (
        SELECT FROM component_executions c
        WHERE c.project_id = e.project_id AND c.execution_id = e.id AND c.kind = 'activity'
          AND c.status IN ('pending', 'running', 'retrying', 'paused'))
"""
"""As the copy has it, the run waits for nothing but time and signals: nothing of it can be in trouble before a task of
it comes into a queue."""
_TURNS = f"""
    WITH own AS (
        SELECT e.task_queue AS name FROM workflow_executions e WHERE {_OPEN} GROUP BY e.task_queue
    ), elsewhere AS (
        SELECT max(q.stirred_at) AS at FROM task_queues q
        WHERE q.project_id = $2 AND q.connection_id = $1 AND q.name NOT IN (SELECT name FROM own)
    ), stirs AS (
        SELECT own.name, greatest(coalesce(max(q.stirred_at), clock_timestamp()), max(elsewhere.at)) AS at
        FROM own CROSS JOIN elsewhere
        LEFT JOIN task_queues q ON q.project_id = $2 AND q.connection_id = $1 AND q.name = own.name
        GROUP BY own.name
    ), unseen AS (
        SELECT e.id, e.task_queue, greatest(e.synced_at, e.patrolled_at) AS seen_at, ({_IS_QUIET}) IS TRUE
            AND greatest(e.synced_at, e.patrolled_at) > clock_timestamp() - $4 * interval '1 second' AS is_quiet
        FROM workflow_executions e
        WHERE {_OPEN} AND {_WAITS}
          AND coalesce(greatest(e.synced_at, e.patrolled_at), '-infinity')
              < clock_timestamp() - $3 * interval '1 second'
    )
    SELECT u.id, count(*) OVER () AS waiting
    FROM unseen u JOIN stirs s ON s.name = u.task_queue
    WHERE u.is_quiet IS NOT TRUE OR s.at > u.seen_at
    ORDER BY u.is_quiet IS TRUE, CASE WHEN u.is_quiet THEN
            row_number() OVER (PARTITION BY u.is_quiet, u.task_queue ORDER BY u.seen_at, u.id) END,
        u.seen_at NULLS FIRST, u.id
    LIMIT $7
"""  # noqa: S608 - own words only
"""$1 connection, $2 its project, $3 seen ago, $4 quiet at most so long, $5 events and $6 bytes of a long history,
$7 how many."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Whose turn it is to be asked about."""

    ids: Sequence[UUID]
    waiting: int
    """How many runs' turn it is, those included that did not fit."""


async def read_turns(
    reader: Reader,
    connection: Connection,
    *,
    unseen_seconds: float,
    quiet_seconds: float,
    long_history: tuple[int, int],
    limit: int,
) -> Turns:
    """The open runs that nobody has looked at for `unseen_seconds`: first those that could be in trouble as they were
    copied, those that were seen longest ago first, then quiet ones that a task may have been for, one of each task
    queue in turn: the few of one do not wait for the thousands of another.

    A quiet run is one that only waits for time and signals. It is left out while nothing has moved since it was seen:
    neither in its own task queue, of workflows or of activities, nor in one that no run was started on; but for no
    longer than `quiet_seconds`. One whose history has as many events or bytes as `long_history` is not quiet.
    """
    rows = await reader.fetch(
        _TURNS, connection.id, connection.project_id, unseen_seconds, quiet_seconds, *long_history, limit
    )
    return Turns([row["id"] for row in rows], rows[0]["waiting"] if rows else 0)


async def note_asked(writer: Writer, keys: Sequence[ExecutionKey]) -> None:
    """These runs were asked about just now. One that somebody else writes to at the moment is being synced."""
    await writer.execute(
        """
        WITH asked AS (
            SELECT e.project_id, e.id FROM workflow_executions e
            WHERE (e.project_id, e.id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
            ORDER BY e.id FOR UPDATE OF e SKIP LOCKED
        )
        UPDATE workflow_executions e SET patrolled_at = clock_timestamp()
        FROM asked WHERE e.project_id = asked.project_id AND e.id = asked.id
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
    )


async def read_copied(reader: Reader, connection: Connection, ids: Sequence[UUID]) -> list[CopiedRun]:
    """These runs as they were copied, in the order given."""
    rows = await reader.fetch(
        """
        SELECT e.project_id, e.id, e.temporal_workflow_id, e.temporal_workflow_key, e.temporal_run_id, e.status,
            e.phase, e.problem, e.history_length, e.task_queue, a.retrying, a.paused, a.running, a.queues
        FROM workflow_executions e
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE c.status = 'retrying') AS retrying,
                count(*) FILTER (WHERE c.status = 'paused') AS paused,
                count(*) FILTER (WHERE c.status = 'running') AS running,
                coalesce(array_agg(DISTINCT c.task_queue) FILTER (WHERE c.task_queue IS NOT NULL), '{}') AS queues
            FROM component_executions c
            WHERE c.project_id = e.project_id AND c.execution_id = e.id AND c.kind = 'activity'
              AND c.status IN ('pending', 'running', 'retrying', 'paused')
        ) a
        WHERE e.project_id = $1 AND e.id = ANY ($2::uuid[]) ORDER BY array_position($2::uuid[], e.id)
        """,
        connection.project_id,
        ids,
    )
    return [_copied(row) for row in rows]


def _copied(row: asyncpg.Record) -> CopiedRun:
    return CopiedRun(
        key=ExecutionKey(row["project_id"], row["id"]),
        ref=_ref(row),
        status=ExecutionStatus(row["status"]),
        phase=Phase(row["phase"]) if row["phase"] else None,
        problem=Problem(row["problem"]) if row["problem"] else None,
        history_length=row["history_length"],
        task_queue=row["task_queue"],
        retrying=row["retrying"],
        paused=row["paused"],
        running=row["running"],
        activity_queues=frozenset(row["queues"]),
    )


def _ref(row: asyncpg.Record) -> RunRef:
    raw: bytes | None = row["temporal_workflow_key"]
    return RunRef(raw.decode("utf-8") if raw is not None else row["temporal_workflow_id"], row["temporal_run_id"])


@dataclass(frozen=True, slots=True)
class OpenActivity:
    run: RunRef
    activity_id: str


async def read_oldest_activities(
    reader: Reader, connection: Connection, task_queue: str, *, limit: int
) -> list[OpenActivity]:
    """The open activities of a task queue that were scheduled first, as far as the copies say."""
    rows = await reader.fetch(
        f"""
        SELECT e.temporal_workflow_id, e.temporal_workflow_key, e.temporal_run_id, c.ref
        FROM workflow_executions e
        JOIN component_executions c ON c.project_id = e.project_id AND c.execution_id = e.id AND c.kind = 'activity'
            AND c.status IN ('pending', 'running', 'retrying') AND c.task_queue = $2 AND c.ref IS NOT NULL
        WHERE {_OPEN} ORDER BY c.scheduled_at, c.execution_id, c.event_id LIMIT $3
        """,  # noqa: S608 - own words only
        connection.id,
        storable(task_queue),
        limit,
    )
    return [OpenActivity(_ref(row), json.loads(row["ref"]).get("activityId", "")) for row in rows]


async def read_hides_runs(reader: Reader, connection: Connection) -> bool:
    """Are there open runs whose steps are not copied, or not yet?"""
    hides: bool = await reader.fetchval(
        f"SELECT EXISTS (SELECT FROM workflow_executions e WHERE {_OPEN} AND e.detail_state = 'none')",  # noqa: S608
        connection.id,
    )
    return hides


async def make_due(writer: Writer, connection: Connection, keys: Sequence[ExecutionKey]) -> int:
    """Make these runs due now, unless their sync is under way or failing; return how many."""
    return await _make_due(writer, connection, "e.id = ANY ($2::uuid[])", [key.id for key in keys], limit=len(keys))


async def make_reported_due(writer: Writer, connection: Connection, run_ids: Sequence[str]) -> int:
    """Make the runs due in which the server sees a problem and the copy does not."""
    condition = """
        e.problem IS NULL AND e.id = ANY (ARRAY (
            SELECT k.execution_id FROM execution_keys k
            WHERE k.connection_id = $1 AND k.temporal_run_id = ANY ($2::text[])))
    """
    return await _make_due(writer, connection, condition, list(run_ids), limit=len(run_ids))


async def make_troubled_due(writer: Writer, connection: Connection, *, unseen_seconds: float, limit: int) -> int:
    """Make the runs due whose problem was last seen `unseen_seconds` ago, so that one that is over is taken back.

    One that has no worker stays as it is while none of the queues that it could wait on is polled: there may be
    thousands of them, and asking of each would say nothing new.
    """
    condition = """
        e.problem IS NOT NULL AND e.synced_at < clock_timestamp() - $2 * interval '1 second'
        AND (e.problem <> 'no_worker' OR NOT EXISTS (
            SELECT FROM task_queues q
            WHERE q.project_id = e.project_id AND q.connection_id = e.connection_id AND NOT q.is_polled
              AND (q.kind = 'workflow' AND q.name = e.task_queue
                   OR q.kind = 'activity' AND EXISTS (
                       SELECT FROM component_executions c
                       WHERE c.project_id = e.project_id AND c.execution_id = e.id AND c.kind = 'activity'
                         AND c.status IN ('pending', 'running', 'retrying', 'paused') AND c.task_queue = q.name))))
    """
    return await _make_due(writer, connection, condition, unseen_seconds, limit=limit)


async def make_users_due(
    writer: Writer, connection: Connection, queues: Sequence[tuple[str, QueueKind]], *, limit: int
) -> int:
    """Make the runs due that, as far as the copy says, need one of these task queues and are not known to wait."""
    condition = """
        e.problem IS DISTINCT FROM 'no_worker' AND (
            e.phase IS DISTINCT FROM 'waiting' AND e.task_queue = ANY ($2::text[])
            OR EXISTS (
                SELECT FROM component_executions c
                WHERE c.project_id = e.project_id AND c.execution_id = e.id AND c.kind = 'activity'
                  AND c.status IN ('pending', 'running', 'retrying', 'paused') AND c.task_queue = ANY ($3::text[])))
    """
    names = [[name for name, kind in queues if kind is wanted] for wanted in (QueueKind.WORKFLOW, QueueKind.ACTIVITY)]
    return await _make_due(writer, connection, condition, *names, limit=limit)


async def _make_due(writer: Writer, connection: Connection, condition: str, *arguments: object, limit: int) -> int:
    """`condition` is about `e` and takes its arguments from $2 on."""
    if limit == 0:
        return 0
    rows = await writer.fetch(
        f"""
        WITH picked AS (
            SELECT e.project_id, e.id FROM workflow_executions e WHERE {_OPEN} AND {_WAITS} AND {condition}
            ORDER BY e.synced_at NULLS FIRST LIMIT {limit} FOR UPDATE OF e SKIP LOCKED
        )
        UPDATE workflow_executions e SET next_sync_at = clock_timestamp(), backfill_id = NULL
        FROM picked WHERE e.project_id = picked.project_id AND e.id = picked.id RETURNING e.id
        """,  # noqa: S608 - own words only
        connection.id,
        *arguments,
    )
    if rows:
        await notify_due(writer, connection.id)
    return len(rows)
