"""Runs as visibility or Describe lists them: the first that is known of a run, before its history is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from watchglass.model.connection import Connection, Level
from watchglass.model.described import Described
from watchglass.model.ids import uuid7_at
from watchglass.model.level import is_copied
from watchglass.model.status import ExecutionStatus
from watchglass.parse.matching import RunFacts
from watchglass.parse.status import listed_status
from watchglass.store.bulk import MOMENT, Columns, run_rows
from watchglass.store.erased_runs import erased_among
from watchglass.store.moments import micros
from watchglass.store.owners import Owner, read_owners
from watchglass.store.queue import NEW, Place, next_sync_at
from watchglass.store.resets import link_resets
from watchglass.store.retention import no_longer_kept
from watchglass.store.scope import Reader, Writer
from watchglass.store.seal import NO_SEAL, Seal
from watchglass.store.search_attributes import save_search_attributes
from watchglass.store.sync_states import STEPS_LEFT_OPEN, ExecutionKey
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
_LISTED = Columns((*_COLUMNS.types, ("is_copied", "boolean"), ("backfill_id", "uuid"), ("held_seconds", "float8")))
_INSERT = f"""
    INSERT INTO workflow_executions ({", ".join(_COLUMNS.names)}, backfill_id, next_sync_at)
    SELECT {", ".join(f"given.{name}" for name in _COLUMNS.names)},
        CASE WHEN given.is_copied THEN given.backfill_id END,
        CASE WHEN given.is_copied THEN {next_sync_at("given")} END
    FROM ({_LISTED.values()}) given
"""  # noqa: S608 - own column names


@dataclass(frozen=True, slots=True)
class Inserted:
    key: ExecutionKey
    is_copied: bool
    """It is in the queue, and not just in the list."""


async def known_runs(reader: Reader, connection_id: UUID, run_ids: Sequence[str]) -> dict[str, ExecutionKey]:
    """The executions that these Temporal run ids already are."""
    rows = await reader.fetch(
        "SELECT temporal_run_id, project_id, execution_id FROM execution_keys "
        "WHERE connection_id = $1 AND temporal_run_id = ANY ($2::text[])",
        connection_id,
        run_ids,
    )
    return {row["temporal_run_id"]: ExecutionKey(row["project_id"], row["execution_id"]) for row in rows}


async def hold_level(writer: Writer, connection: Connection) -> Level:
    """The connection's level, which nobody changes until this transaction ends: what walks the rows after a change
    finds those that this one inserts, and whoever looks for the base of a reset waits for it.

    To be called before any execution is locked, as everybody does who locks both.
    """
    return Level(await writer.fetchval("SELECT level FROM connections WHERE id = $1 FOR SHARE", connection.id))


async def insert_listed(
    writer: Writer,
    connection: Connection,
    runs: Sequence[Described],
    place: Place = NEW,
    *,
    seal: Seal = NO_SEAL,
) -> list[Inserted]:
    """Insert the runs that nobody has seen yet, in the order given; those that their level copies are queued.

    Runs that were erased are left out, and those that ended too long ago for the project. Which were erased is told
    with the project's key, and so with `seal`.

    Raises:
        Unsealable: runs of the project were erased, and `seal` cannot open its key.
    """
    level = await hold_level(writer, connection)
    keys = await _insert_keys(writer, connection, runs)
    if keys:
        fresh = [run for run in runs if run.ref.run_id in keys]
        barred = await erased_among(writer, seal, connection, fresh) | await no_longer_kept(writer, connection, fresh)
        left_out = [keys.pop(run_id) for run_id in barred]
        if left_out:
            await writer.execute(
                "DELETE FROM execution_keys WHERE project_id = $1 AND execution_id = ANY ($2::uuid[])",
                connection.project_id,
                [key.id for key in left_out],
            )
    new = [(keys[run.ref.run_id], run) for run in runs if run.ref.run_id in keys]
    if not new:
        return []
    owners = await _owners(writer, connection, [run for _, run in new])
    inserted = [
        Inserted(key, _is_copied(run, owner.level or level)) for (key, run), owner in zip(new, owners, strict=True)
    ]
    await run_rows(
        writer,
        _INSERT,
        _LISTED,
        [
            (*_row(connection, key, owner, run), done.is_copied, place.backfill_id, place.held_seconds)
            for (key, run), owner, done in zip(new, owners, inserted, strict=True)
        ],
    )
    await save_search_attributes(writer, [(key, run.search_attributes) for key, run in new])
    # The run in the place of one that is only listed may have been copied before: nobody would come back to link them.
    await link_resets(writer, [run.key for run in inserted])
    return inserted


async def _owners(writer: Writer, connection: Connection, runs: Sequence[Described]) -> list[Owner]:
    """The workflow of each run: one that was drawn, by its memo or its rules, or else the observed one of its type."""
    project_id = connection.project_id
    known = (await read_owners(writer, [project_id]))[project_id]
    found = [known.owner_of(RunFacts(run.type, run.ref.workflow_id, run.memo, run.search_attributes)) for run in runs]
    types = {run.type for run, owner in zip(runs, found, strict=True) if owner is None}
    observed = await ensure_observed(writer, project_id=project_id, types=types) if types else {}
    return [owner or observed[run.type] for run, owner in zip(runs, found, strict=True)]


def _is_copied(run: Described, level: Level) -> bool:
    return is_copied(level, listed_status(run.status), run.ref.run_id, watched=False)


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


def _row(connection: Connection, key: ExecutionKey, workflow: Owner, run: Described) -> tuple[Any, ...]:
    shown_id, raw_id = storable_id(run.ref.workflow_id)
    status = listed_status(run.status)
    closed_at, duration_ms = _end(run, status)
    return (
        key.project_id,
        key.id,
        workflow.id,
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
        run.started_at or 0,
        closed_at,
        duration_ms,
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


@dataclass(frozen=True, slots=True)
class Behind:
    """A known run of which the list says more than its row does, or which a job wants; locked."""

    key: ExecutionKey
    listed: Described
    is_copied: bool
    """Its history is copied by itself; else its row follows the list."""
    is_due: bool
    """The list says more than the copy has, and nobody is about to copy it."""
    is_wanted: bool
    """It has not been copied and is not in the queue."""
    differs: bool
    """Its row says something else than the list."""


async def lock_behind(writer: Writer, connection: Connection, runs: Sequence[Described]) -> list[Behind]:
    """The known runs that are not copied to their end; one that is being synced is left to the next look."""
    # Row by row from the list to its key to its row. In the first minutes of a large back-fill PostgreSQL knows no
    # sizes yet, and an order of joins that is left to it compares every row with every line of the list.
    rows = await writer.fetch(
        """
        SELECT e.project_id, e.id, e.temporal_run_id, e.detail_state, coalesce(w.level, c.level) AS level,
            e.next_sync_at IS NULL AND e.detail_state = 'none' AND e.sync_status = 'pending' AS is_wanted,
            e.status <> listed.status OR e.history_length < listed.history_length AS differs,
            e.sync_status IN ('pending', 'synced')
                AND (e.next_sync_at IS NULL OR e.next_sync_at > clock_timestamp() + interval '1 second')
                AND (NOT listed.is_open OR listed.history_length > e.history_length)
                -- One that was never synced and is in the queue, or in somebody's hands, is copied soon as it is.
                AND CASE WHEN e.synced_at IS NULL THEN e.next_sync_at IS NULL
                         ELSE e.synced_at < clock_timestamp() - interval '500 milliseconds' END AS is_due
        FROM unnest($2::text[], $3::text[], $4::boolean[], $5::bigint[])
            AS listed(run_id, status, is_open, history_length)
        JOIN LATERAL (
            SELECT k.project_id, k.execution_id FROM execution_keys k
            WHERE k.connection_id = $1 AND k.temporal_run_id = listed.run_id OFFSET 0
        ) k ON true
        JOIN LATERAL (
            SELECT * FROM workflow_executions e
            WHERE e.project_id = k.project_id AND e.id = k.execution_id AND NOT e.is_final
            FOR UPDATE SKIP LOCKED
        ) e ON true
        JOIN workflows w ON w.project_id = e.project_id AND w.id = e.workflow_id
        JOIN connections c ON c.project_id = e.project_id AND c.id = e.connection_id
        """,
        connection.id,
        [run.ref.run_id for run in runs],
        [listed_status(run.status) for run in runs],
        [listed_status(run.status).is_open for run in runs],
        [run.history_length for run in runs],
    )
    by_run = {run.ref.run_id: run for run in runs}
    return [_behind(row, by_run[row["temporal_run_id"]]) for row in rows]


def _behind(row: asyncpg.Record, listed: Described) -> Behind:
    level, status = Level(row["level"]), listed_status(listed.status)
    return Behind(
        key=ExecutionKey(row["project_id"], row["id"]),
        listed=listed,
        is_copied=is_copied(level, status, listed.ref.run_id, watched=row["detail_state"] != "none"),
        is_due=row["is_due"],
        is_wanted=row["is_wanted"],
        differs=row["differs"],
    )


async def requeue(writer: Writer, keys: Sequence[ExecutionKey], place: Place = NEW) -> None:
    """Make executions due."""
    await writer.execute(
        f"""
        UPDATE workflow_executions e SET backfill_id = given.backfill_id, next_sync_at = {next_sync_at("given")}
        FROM (SELECT x.project_id, x.id, x.closed_at, $3::uuid AS backfill_id, $4::float8 AS held_seconds
              FROM workflow_executions x
              WHERE (x.project_id, x.id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))) given
        WHERE e.project_id = given.project_id AND e.id = given.id
        """,  # noqa: S608 - own words only
        [key.project_id for key in keys],
        [key.id for key in keys],
        place.backfill_id,
        place.held_seconds,
    )


_SETTLED = Columns(
    (
        ("project_id", "uuid"),
        ("id", "uuid"),
        ("status", "text"),
        ("closed_at", MOMENT),
        ("duration_ms", "double precision"),
        ("history_length", "bigint"),
    )
)
_SETTLE = f"""
    UPDATE workflow_executions e SET status = given.status, closed_at = given.closed_at,
        duration_ms = given.duration_ms, history_length = greatest(e.history_length, given.history_length),
        detail_state = CASE e.detail_state WHEN 'complete' THEN 'partial' ELSE e.detail_state END,
        phase = NULL, problem = NULL, problem_detail = NULL, current_step = NULL,
        step_statuses = CASE WHEN given.closed_at IS NULL THEN e.step_statuses ELSE {STEPS_LEFT_OPEN} END
    FROM ({_SETTLED.values()}) given WHERE e.project_id = given.project_id AND e.id = given.id
"""  # noqa: S608 - own column names


async def settle_listed(writer: Writer, behind: Sequence[Behind]) -> None:
    """Make the rows of runs that are not copied what the list says. Steps that a closed run left open are unknown."""
    await run_rows(writer, _SETTLE, _SETTLED, [_settled(run) for run in behind])
    await _forget_open_units(writer, [run.key for run in behind if not listed_status(run.listed.status).is_open])


async def _forget_open_units(writer: Writer, closed: Sequence[ExecutionKey]) -> None:
    await writer.execute(
        """
        UPDATE component_executions SET status = 'unknown'
        WHERE (project_id, execution_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
          AND status IN ('pending', 'running', 'retrying', 'paused')
        """,
        [key.project_id for key in closed],
        [key.id for key in closed],
    )


async def read_ended_by_list(reader: Reader, keys: Sequence[ExecutionKey]) -> list[asyncpg.Record]:
    """Of those of these executions whose history was copied before they ended, what the list said of their end."""
    return await reader.fetch(
        """
        SELECT project_id, id, status, closed_at, duration_ms, history_length FROM workflow_executions
        WHERE (project_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
          AND detail_state = 'partial' AND closed_at IS NOT NULL AND NOT is_final
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
    )


async def settle_again(writer: Writer, ended: Sequence[asyncpg.Record]) -> None:
    """Put back what `read_ended_by_list` gave, after the rows were derived from histories that do not tell of it."""
    rows = [
        (row["project_id"], row["id"], row["status"], micros(row["closed_at"]), row["duration_ms"], 0) for row in ended
    ]
    await run_rows(writer, _SETTLE, _SETTLED, rows)
    await _forget_open_units(writer, [ExecutionKey(row["project_id"], row["id"]) for row in ended])


def _settled(run: Behind) -> tuple[Any, ...]:
    status, listed = listed_status(run.listed.status), run.listed
    closed_at, duration_ms = _end(listed, status)
    return (run.key.project_id, run.key.id, status, closed_at, duration_ms, listed.history_length)


def _end(run: Described, status: ExecutionStatus) -> tuple[int | None, float | None]:
    """When it closed and how many milliseconds it took; nothing of an open run."""
    closed_at = run.closed_at if not status.is_open else None
    return closed_at, max(closed_at - (run.started_at or 0), 0) / 1000 if closed_at is not None else None
