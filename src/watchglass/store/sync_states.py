"""How far the copy of each run is, and the marks that a sync leaves when it could not finish."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from watchglass.model.connection import Level
from watchglass.model.execution import RunRef
from watchglass.model.rules import Rules
from watchglass.model.status import ExecutionStatus, SyncStatus
from watchglass.store.rules import rules_from_json
from watchglass.store.scope import Reader, Writer
from watchglass.store.text import storable


@dataclass(frozen=True, slots=True)
class ExecutionKey:
    """One execution inside its project."""

    project_id: UUID
    id: UUID


@dataclass(frozen=True, slots=True)
class SyncState:
    key: ExecutionKey
    connection_id: UUID
    workflow_id: UUID
    rules: Rules | None
    """Which unit is which node, where the workflow is somebody else's."""
    ref: RunRef
    type: str
    status: ExecutionStatus
    started_at: datetime
    synced_event_id: int
    """The newest stored event; 0 before the first sync."""
    synced_at: datetime | None
    sync_status: SyncStatus
    failures: int
    """Tries that failed since the last one that did not."""
    is_final: bool
    missing_since: datetime | None
    source_checked_at: datetime | None
    history_bytes: int | None
    level: Level
    """Of its workflow, else of its connection."""
    derived_version: int
    """The rules by which its rows were derived; 0 before the first sync."""
    content_revision: int
    """Rises whenever its stored history is replaced or redacted, and when its rows are derived again; not as it grows.

    Processes of the version before do not raise it.
    """

    def holds_what_it_held(self, then: "SyncState") -> bool:
        """Neither its history nor how it is read has changed since then."""
        return (self.content_revision, self.synced_event_id, self.derived_version) == (
            then.content_revision,
            then.synced_event_id,
            then.derived_version,
        )


_STATE = """
    SELECT project_id, id, connection_id, workflow_id, temporal_workflow_id, temporal_workflow_key, temporal_run_id,
           temporal_type, status, started_at, synced_event_id, synced_at, sync_status, sync_failures, is_final,
           missing_since, source_checked_at, history_bytes, derived_version, content_revision,
           coalesce((SELECT w.level FROM workflows w WHERE w.project_id = e.project_id AND w.id = e.workflow_id),
                    (SELECT c.level FROM connections c WHERE c.project_id = e.project_id AND c.id = e.connection_id)
           ) AS level,
           (SELECT w.rules::text FROM workflows w WHERE w.project_id = e.project_id AND w.id = e.workflow_id) AS rules
    FROM workflow_executions e
"""
STEPS_LEFT_OPEN = """ARRAY (
    SELECT CASE WHEN s.status IN ('pending', 'running', 'retrying', 'paused') THEN 'unknown' ELSE s.status END
    FROM unnest(e.step_statuses) WITH ORDINALITY AS s (status, place) ORDER BY s.place)"""
"""The squares of `workflow_executions e` when nobody can know any more what its open steps became."""


async def read_state(reader: Reader, execution_id: UUID, *, project_id: UUID | None = None) -> SyncState | None:
    """The state of one execution; None when the reader sees no such execution."""
    row = await reader.fetchrow(
        _STATE  # noqa: S608 - a constant
        + """
        WHERE id = $1 AND project_id = coalesce($2, (
            SELECT project_id FROM workflow_executions WHERE id = $1 LIMIT 1))
        """,
        execution_id,
        project_id,
    )
    return None if row is None else _from_row(row)


async def read_states(reader: Reader, keys: Sequence[ExecutionKey]) -> dict[ExecutionKey, SyncState]:
    """The states of those executions that there are."""
    return await _states_among(reader, keys, "")


async def lock_states(writer: Writer, keys: Sequence[ExecutionKey]) -> dict[ExecutionKey, SyncState]:
    """Lock executions until the transaction ends, always in the same order, so that two syncs never wait in a ring."""
    return await _states_among(writer, keys, "ORDER BY project_id, id FOR UPDATE")


async def _states_among(reader: Reader, keys: Sequence[ExecutionKey], ending: str) -> dict[ExecutionKey, SyncState]:
    rows = await reader.fetch(
        f"{_STATE} WHERE (project_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) {ending}",  # noqa: S608 - constants
        [key.project_id for key in keys],
        [key.id for key in keys],
    )
    states = map(_from_row, rows)
    return {state.key: state for state in states}


def _from_row(row: asyncpg.Record) -> SyncState:
    raw: bytes | None = row["temporal_workflow_key"]
    workflow_id = raw.decode("utf-8") if raw is not None else row["temporal_workflow_id"]
    return SyncState(
        key=ExecutionKey(row["project_id"], row["id"]),
        connection_id=row["connection_id"],
        workflow_id=row["workflow_id"],
        rules=rules_from_json(row["rules"]),
        ref=RunRef(workflow_id, row["temporal_run_id"]),
        type=row["temporal_type"],
        status=ExecutionStatus(row["status"]),
        started_at=row["started_at"],
        synced_event_id=row["synced_event_id"],
        synced_at=row["synced_at"],
        sync_status=SyncStatus(row["sync_status"]),
        failures=row["sync_failures"],
        is_final=row["is_final"],
        missing_since=row["missing_since"],
        source_checked_at=row["source_checked_at"],
        history_bytes=row["history_bytes"],
        level=Level(row["level"]),
        derived_version=row["derived_version"],
        content_revision=row["content_revision"],
    )


async def mark_failed(
    writer: Writer, key: ExecutionKey, *, error: str, status: SyncStatus, failures: int, next_in_seconds: float
) -> None:
    """Keep why the run could not be copied; `failures` counts the tries in a row that failed through its own fault.

    It is tried again if it is in the queue. One that is not was only looked at, or its level no longer covers it since
    the try began.
    """
    await writer.execute(
        """
        UPDATE workflow_executions SET sync_status = $3, sync_error = $4, sync_failures = $6,
            set_aside_at = CASE WHEN $3 = 'set_aside' THEN coalesce(set_aside_at, clock_timestamp()) END,
            next_sync_at = CASE WHEN next_sync_at IS NOT NULL THEN clock_timestamp() + $5 * interval '1 second' END
        WHERE project_id = $1 AND id = $2 AND NOT is_final
        """,
        key.project_id,
        key.id,
        status,
        storable(error[:2000]),
        next_in_seconds,
        failures,
    )


async def mark_missing(writer: Writer, key: ExecutionKey, *, next_in_seconds: float) -> None:
    """Temporal says it does not have the run; the first such answer alone is not believed."""
    await writer.execute(
        """
        UPDATE workflow_executions SET missing_since = coalesce(missing_since, clock_timestamp()),
            source_checked_at = clock_timestamp(),
            next_sync_at = CASE WHEN is_final THEN NULL ELSE clock_timestamp() + $3 * interval '1 second' END
        WHERE project_id = $1 AND id = $2
        """,
        key.project_id,
        key.id,
        next_in_seconds,
    )


async def missing_for(reader: Reader, key: ExecutionKey) -> timedelta | None:
    """How long ago Temporal first said that it does not have the run, by the database's clock."""
    age: timedelta | None = await reader.fetchval(
        "SELECT clock_timestamp() - missing_since FROM workflow_executions WHERE project_id = $1 AND id = $2",
        key.project_id,
        key.id,
    )
    return age


async def mark_gone(writer: Writer, key: ExecutionKey) -> UUID | None:
    """Temporal no longer has the run: what was copied stays, and it is never asked for again.

    Of a run that is marked already, what was left open is marked again; when that was found out stays. The run must be
    locked. Returns the back-fill job that had queued it.
    """
    await writer.execute(
        """
        UPDATE component_executions c SET status = 'unknown' FROM workflow_executions e
        WHERE e.project_id = $1 AND e.id = $2 AND NOT e.is_final AND c.project_id = e.project_id
          AND c.execution_id = e.id AND c.status IN ('pending', 'running', 'retrying', 'paused')
        """,
        key.project_id,
        key.id,
    )
    backfill_id: UUID | None = await writer.fetchval(
        f"""
        UPDATE workflow_executions e SET source_gone_at = coalesce(source_gone_at, clock_timestamp()),
            source_checked_at = CASE WHEN source_gone_at IS NULL THEN clock_timestamp() ELSE source_checked_at END,
            sync_status = 'gone', next_sync_at = NULL, backfill_id = NULL,
            sync_error = CASE WHEN is_final OR detail_state <> 'none' THEN NULL
                              ELSE 'Temporal deleted it before its history was copied' END,
            status = CASE WHEN closed_at IS NULL THEN 'unknown' ELSE status END,
            phase = NULL, problem = NULL, problem_detail = NULL, problem_since = NULL, current_step = NULL,
            error_message = CASE WHEN is_final OR closed_at IS NOT NULL THEN error_message
                                 ELSE 'Temporal deleted it before we saw its end' END,
            step_statuses = CASE WHEN is_final THEN step_statuses ELSE {STEPS_LEFT_OPEN} END,
            is_final = true
        WHERE project_id = $1 AND id = $2 RETURNING old.backfill_id
        """,  # noqa: S608 - own words only
        key.project_id,
        key.id,
    )
    return backfill_id


async def mark_present(writer: Writer, key: ExecutionKey) -> None:
    await writer.execute(
        """
        UPDATE workflow_executions SET missing_since = NULL, source_checked_at = clock_timestamp()
        WHERE project_id = $1 AND id = $2
        """,
        key.project_id,
        key.id,
    )
