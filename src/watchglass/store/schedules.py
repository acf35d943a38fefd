"""Schedules as Temporal last told of them: lines of its list, and descriptions of those whose line has changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from watchglass.model.connection import Connection
from watchglass.model.schedule import DescribedSchedule, Schedule, ScheduledRun
from watchglass.store.scope import Reader, Writer
from watchglass.store.summaries import Row
from watchglass.store.text import storable, storable_id

AGAIN_SECONDS = 50.0
"""One that is due to be described again was last asked about at least this long ago."""


@dataclass(frozen=True, slots=True)
class ListedSchedule:
    """A line of Temporal's list."""

    schedule: Schedule
    hash: bytes
    """Of the whole line: another one means that something has changed."""


@dataclass(frozen=True, slots=True)
class KnownSchedule:
    id: UUID
    schedule_id: str
    entry_hash: bytes


async def save_listed_schedules(
    writer: Writer, connection: Connection, listed: Sequence[ListedSchedule], *, at: datetime
) -> None:
    """Keep lines that were told at `at`; what only a description tells stays as it is."""
    # The last one of an id: a list that moves while it is paged may name one twice.
    unique = {one.schedule.schedule_id: one for one in listed}.values()
    ids = [storable_id(one.schedule.schedule_id) for one in unique]
    await writer.execute(
        """
        INSERT INTO schedules AS known (project_id, connection_id, schedule_id, schedule_key, workflow_type, words,
            spec, is_paused, note, next_runs, last_runs, entry_hash, seen_at)
        SELECT $1, $2, t.schedule_id, t.schedule_key, t.workflow_type, t.words, t.spec, t.is_paused, t.note,
            ARRAY (SELECT jsonb_array_elements_text(t.next_runs)::timestamptz), t.last_runs, t.entry_hash, $3
        FROM unnest($4::text[], $5::bytea[], $6::text[], $7::text[], $8::text[], $9::boolean[], $10::text[],
            $11::jsonb[], $12::jsonb[], $13::bytea[]) AS t (schedule_id, schedule_key, workflow_type, words, spec,
            is_paused, note, next_runs, last_runs, entry_hash)
        ORDER BY t.schedule_id
        ON CONFLICT (project_id, connection_id, schedule_id) DO UPDATE SET
            workflow_type = excluded.workflow_type, words = excluded.words, spec = excluded.spec,
            is_paused = excluded.is_paused, note = excluded.note, entry_hash = excluded.entry_hash,
            seen_at = excluded.seen_at, gone_at = NULL,
            next_runs = CASE WHEN known.entry_hash = excluded.entry_hash THEN known.next_runs
                             ELSE excluded.next_runs END,
            last_runs = CASE WHEN known.entry_hash = excluded.entry_hash THEN known.last_runs
                             ELSE excluded.last_runs END,
            described_hash = CASE WHEN known.gone_at IS NULL THEN known.described_hash END
        """,
        connection.project_id,
        connection.id,
        at,
        [shown for shown, _ in ids],
        [key for _, key in ids],
        [storable(one.schedule.workflow_type) for one in unique],
        [storable(one.schedule.words) for one in unique],
        [storable(one.schedule.spec) for one in unique],
        [one.schedule.is_paused for one in unique],
        [storable(one.schedule.note) for one in unique],
        [json.dumps([moment.isoformat() for moment in one.schedule.next_runs]) for one in unique],
        [_runs(one.schedule.last_runs) for one in unique],
        [one.hash for one in unique],
    )


def _runs(runs: Sequence[ScheduledRun]) -> str:
    return json.dumps(
        [
            {
                "workflowId": storable_id(run.workflow_id)[0],
                "runId": run.run_id,
                "dueAt": run.due_at and run.due_at.isoformat(),
                "startedAt": run.started_at and run.started_at.isoformat(),
            }
            for run in runs
        ]
    )


async def read_undescribed_schedules(reader: Reader, connection: Connection, *, limit: int) -> list[KnownSchedule]:
    """Those that have to be described, longest waiting first.

    Never described, changed since, overdue (is it late, or has it run?), or no longer listed (has it been deleted?).
    """
    rows = await reader.fetch(
        """
        SELECT s.id, s.schedule_id, s.schedule_key, s.entry_hash FROM schedules s
        JOIN connections c ON c.project_id = s.project_id AND c.id = s.connection_id
        WHERE s.project_id = $1 AND s.connection_id = $2 AND s.gone_at IS NULL
          AND (s.described_hash IS DISTINCT FROM s.entry_hash
               OR s.next_runs[1] < clock_timestamp() - interval '1 minute' AND NOT s.is_paused
               OR s.seen_at < c.schedules_listed_at)
          AND (s.describing_at IS NULL OR s.describing_at < clock_timestamp() - $3 * interval '1 second')
        ORDER BY s.describing_at NULLS FIRST, s.id LIMIT $4
        """,
        connection.project_id,
        connection.id,
        AGAIN_SECONDS,
        limit,
    )
    return [_known(row) for row in rows]


def _known(row: asyncpg.Record) -> KnownSchedule:
    key: bytes | None = row["schedule_key"]
    return KnownSchedule(row["id"], key.decode() if key is not None else row["schedule_id"], row["entry_hash"])


async def save_described_schedule(
    writer: Writer, connection: Connection, known: KnownSchedule, described: DescribedSchedule
) -> None:
    counters = described.counters
    await writer.execute(
        """
        UPDATE schedules SET workflow_type = $3, words = $4, spec = $5, is_paused = $6, note = $7,
            next_runs = $8, last_runs = $9, temporal_workflow_id = $10, overlap = $11, catchup_window_seconds = $12,
            action_count = $13, missed_count = $14, overlap_skipped_count = $15, buffer_dropped_count = $16,
            error = $17, created_at = $18, updated_at = $19, described_hash = $20,
            described_at = clock_timestamp(), describing_at = clock_timestamp()
        WHERE project_id = $1 AND id = $2
        """,
        connection.project_id,
        known.id,
        storable(described.workflow_type),
        storable(described.words),
        storable(described.spec),
        described.is_paused,
        storable(described.note),
        list(described.next_runs),
        _runs(described.last_runs),
        storable_id(described.workflow_id)[0],
        described.overlap,
        described.catchup_window_seconds,
        counters.actions,
        counters.missed,
        counters.overlap_skipped,
        counters.buffer_dropped,
        storable(described.error) or None,
        described.created_at,
        described.updated_at,
        known.entry_hash,
    )


async def mark_schedule_gone(writer: Writer, connection: Connection, known: KnownSchedule) -> None:
    """Temporal has deleted it. What was known of it stays, apart from the runs that it will not start."""
    await writer.execute(
        "UPDATE schedules SET gone_at = clock_timestamp(), next_runs = '{}' WHERE project_id = $1 AND id = $2",
        connection.project_id,
        known.id,
    )


async def put_off_schedule(writer: Writer, connection: Connection, known: KnownSchedule) -> None:
    """It was asked about and not described: the others first."""
    await writer.execute(
        "UPDATE schedules SET describing_at = clock_timestamp() WHERE project_id = $1 AND id = $2",
        connection.project_id,
        known.id,
    )


async def save_schedules_listed(writer: Writer, connection: Connection, *, at: datetime) -> None:
    """The whole list was told; `at` is what its lines were saved with."""
    await writer.execute(
        "UPDATE connections SET schedules_listed_at = $2, schedules_refusal = NULL WHERE id = $1", connection.id, at
    )


async def save_schedules_refused(writer: Writer, connection: Connection, refusal: str) -> None:
    await writer.execute(
        "UPDATE connections SET schedules_refusal = $2 WHERE id = $1", connection.id, storable(refusal)
    )


_SHOWN = """
    (c.scope = '' OR EXISTS (
        SELECT FROM jsonb_array_elements(s.last_runs) r
        JOIN execution_keys k ON k.connection_id = s.connection_id AND k.temporal_run_id = r ->> 'runId'))
"""
"""A scope is about runs: a schedule belongs to it when one of its last runs does."""
_COLUMNS = """
    s.*, c.namespace, s.gone_at IS NULL AND NOT s.is_paused AND s.described_at > s.next_runs[1] + interval '1 minute'
        AS is_late
"""


async def read_schedules(reader: Reader, project_id: UUID, *, limit: int) -> list[Row]:
    """The soonest next run first, then those that are paused or have ended, then the deleted ones."""
    return await reader.fetch(
        f"""
        SELECT {_COLUMNS} FROM schedules s
        JOIN connections c ON c.project_id = s.project_id AND c.id = s.connection_id
        WHERE s.project_id = $1 AND {_SHOWN}
        ORDER BY s.gone_at IS NOT NULL, s.is_paused, s.next_runs[1] NULLS LAST, s.schedule_id, s.id LIMIT $2
        """,  # noqa: S608 - own words only
        project_id,
        limit,
    )


async def read_schedule(reader: Reader, schedule_id: UUID) -> Row | None:
    return await reader.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM schedules s
        JOIN connections c ON c.project_id = s.project_id AND c.id = s.connection_id
        WHERE s.id = $1 AND s.project_id = ANY (app.project_ids()) AND {_SHOWN}
        """,  # noqa: S608 - own words only
        schedule_id,
    )


async def read_schedule_sources(reader: Reader, project_id: UUID) -> list[Row]:
    """The project's connections: columns id, namespace, scope, schedules_listed_at, schedules_refusal."""
    return await reader.fetch(
        "SELECT id, namespace, scope, schedules_listed_at, schedules_refusal FROM connections "
        "WHERE project_id = $1 ORDER BY created_at, id",
        project_id,
    )


async def read_started_runs(reader: Reader, connection_ids: Sequence[UUID], run_ids: Sequence[str]) -> list[Row]:
    """Those of the runs that are in the project: columns connection_id, temporal_run_id, id, status, closed_at."""
    return await reader.fetch(
        """
        SELECT k.connection_id, k.temporal_run_id, e.id, e.status, e.closed_at
        FROM execution_keys k
        JOIN workflow_executions e ON e.project_id = k.project_id AND e.id = k.execution_id
        WHERE k.connection_id = ANY ($1::uuid[]) AND k.temporal_run_id = ANY ($2::text[])
        """,
        list(set(connection_ids)),
        list(set(run_ids)),
    )
