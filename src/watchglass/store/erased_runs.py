"""Runs that were erased: known by a digest alone, so that nothing copies them again."""

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID

from watchglass.model.connection import Connection
from watchglass.model.described import Described
from watchglass.model.status import ExecutionStatus
from watchglass.store.listing_windows import ListingWindow
from watchglass.store.moments import micros, moment_at
from watchglass.store.project_keys import ensure_project_key
from watchglass.store.scope import Reader, Writer
from watchglass.store.seal import Seal
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.text import storable_id


def digest_of(key: bytes, of: str, name: str) -> bytes:
    """Of a run id (`run`) or a workflow id (`workflow`); says nothing without the project's key."""
    return hmac.digest(key, f"erased {of} {name}".encode("utf-8", "surrogatepass"), sha256)


@dataclass(frozen=True, slots=True)
class Erasable:
    """A run as erasing needs it."""

    key: ExecutionKey
    connection_id: UUID
    run_id: str
    status: ExecutionStatus
    started_at: datetime
    is_gone: bool
    """Temporal no longer has it."""
    steps: int
    history_bytes: int
    """As Temporal counts them."""


async def find_erasable(
    reader: Reader, project_id: UUID, workflow_id: str, run_id: str | None, *, limit: int
) -> list[Erasable]:
    """The stored runs of a workflow id, or the one run of it; oldest first."""
    rows = await reader.fetch(
        """
        SELECT id, connection_id, temporal_run_id, status, started_at, source_gone_at IS NOT NULL AS is_gone,
            component_count, coalesce(history_bytes, 0) AS history_bytes
        FROM workflow_executions
        WHERE project_id = $1 AND temporal_workflow_id = $2 AND ($3::text IS NULL OR temporal_run_id = $3)
        ORDER BY started_at, id LIMIT $4
        """,
        project_id,
        storable_id(workflow_id)[0],
        run_id,
        limit,
    )
    return [
        Erasable(
            ExecutionKey(project_id, row["id"]),
            row["connection_id"],
            row["temporal_run_id"],
            ExecutionStatus(row["status"]),
            row["started_at"],
            row["is_gone"],
            row["component_count"],
            row["history_bytes"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Mention:
    """A run of another workflow id whose history names this one."""

    key: ExecutionKey
    workflow_id: str
    relation: Literal["child", "parent"]
    """It was started by this one, or started it."""


_MENTIONS = """
    SELECT id, temporal_workflow_id, started_at, 'child' AS relation FROM workflow_executions
    WHERE project_id = $1 AND temporal_workflow_id <> $2 AND $2 IN (parent_workflow_id, root_workflow_id)
    UNION ALL
    SELECT e.id, e.temporal_workflow_id, e.started_at, 'parent' FROM component_executions c
    JOIN workflow_executions e ON e.project_id = c.project_id AND e.id = c.execution_id
    WHERE c.project_id = $1 AND c.child_workflow_id = $2 AND e.temporal_workflow_id <> $2
"""


async def count_mentions(reader: Reader, project_id: UUID, workflow_id: str) -> int:
    """How many runs of other workflow ids were started by this one, or started it."""
    return int(
        await reader.fetchval(
            f"SELECT count(DISTINCT id) FROM ({_MENTIONS}) found",  # noqa: S608 - a constant
            project_id,
            storable_id(workflow_id)[0],
        )
    )


async def find_mentions(reader: Reader, project_id: UUID, workflow_id: str, *, limit: int) -> list[Mention]:
    """The newest of them."""
    rows = await reader.fetch(
        f"SELECT id, temporal_workflow_id, min(relation) AS relation FROM ({_MENTIONS}) found "  # noqa: S608 - a constant
        "GROUP BY id, temporal_workflow_id, started_at ORDER BY started_at DESC, id LIMIT $3",
        project_id,
        storable_id(workflow_id)[0],
        limit,
    )
    return [Mention(ExecutionKey(project_id, row["id"]), row["temporal_workflow_id"], row["relation"]) for row in rows]


async def bar_workflow(writer: Writer, project_id: UUID, digest: bytes) -> None:
    """Nothing of this workflow id that started before now is copied any more, whichever connection lists it."""
    await writer.execute(
        """
        INSERT INTO erased_runs (project_id, connection_id, digest, of)
        SELECT project_id, id, $2, 'workflow' FROM connections WHERE project_id = $1
        ON CONFLICT (project_id, connection_id, digest) DO UPDATE SET erased_at = clock_timestamp()
        """,
        project_id,
        digest,
    )


async def erase_locked(writer: Writer, runs: Sequence[Erasable], digests: Mapping[str, bytes]) -> None:
    """Delete all rows of these runs, which the caller has locked, and leave their digests (by run id)."""
    await bar_runs(
        writer, [(run.key.project_id, run.connection_id, digests[run.run_id], run.started_at) for run in runs]
    )
    await delete_locked(writer, runs[0].key.project_id, {run.key.id: run.run_id for run in runs})


async def delete_locked(writer: Writer, project_id: UUID, runs: Mapping[UUID, str]) -> None:
    """Delete all rows of these runs (run ids by id), which the caller has locked. Figures and marks are the caller's.

    Pages, steps, attempts, journals, search attributes, descriptions and leases go with the row by their foreign keys.
    """
    await writer.execute(
        "DELETE FROM execution_keys WHERE project_id = $1 AND execution_id = ANY ($2::uuid[])", project_id, list(runs)
    )
    # A schedule's row names the runs that it started last.
    await writer.execute(
        """
        UPDATE schedules SET last_runs = coalesce((
            SELECT jsonb_agg(run ORDER BY place) FROM jsonb_array_elements(last_runs) WITH ORDINALITY AS r(run, place)
            WHERE run ->> 'runId' <> ALL ($2::text[])), '[]')
        WHERE project_id = $1 AND EXISTS (
            SELECT FROM jsonb_array_elements(last_runs) AS r(run) WHERE run ->> 'runId' = ANY ($2::text[]))
        """,
        project_id,
        list(runs.values()),
    )


async def bar_runs(writer: Writer, runs: Sequence[tuple[UUID, UUID, bytes, datetime]]) -> None:
    """Leave digests of (project, connection, digest, start)."""
    await writer.execute(
        """
        INSERT INTO erased_runs (project_id, connection_id, digest, of, started_at)
        SELECT p, c, d, 'run', s FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::timestamptz[]) AS r(p, c, d, s)
        ON CONFLICT DO NOTHING
        """,
        [project for project, _, _, _ in runs],
        [connection for _, connection, _, _ in runs],
        [digest for _, _, digest, _ in runs],
        [started for _, _, _, started in runs],
    )


async def erase_from_log(writer: Writer, project_id: UUID, runs: Sequence[Erasable], workflow_id: str | None) -> None:
    """Take out of the audit log what it says of these runs, and of the workflow id where all of it goes."""
    await writer.execute(
        "SELECT app.erase_from_log($1, $2, $3, $4)",
        project_id,
        [str(run.key.id) for run in runs],
        [run.run_id for run in runs],
        None if workflow_id is None else storable_id(workflow_id)[0],
    )


async def erased_among(writer: Writer, seal: Seal, connection: Connection, runs: Collection[Described]) -> set[str]:
    """The run ids of those that must not be copied.

    To be asked after their keys were inserted: whoever erases one of them at the same time has committed by then.

    Raises:
        Unsealable: runs of the project were erased, and this process cannot tell which.
    """
    any_erased = await writer.fetchval(
        "SELECT EXISTS (SELECT FROM erased_runs WHERE project_id = $1 AND connection_id = $2)",
        connection.project_id,
        connection.id,
    )
    if not any_erased:
        return set()
    key = await ensure_project_key(writer, seal, connection.project_id)
    digests = {digest_of(key, "run", run.ref.run_id): run for run in runs}
    workflows = {digest_of(key, "workflow", name) for name in {run.ref.workflow_id for run in runs}}
    rows = await writer.fetch(
        "SELECT digest, of, erased_at FROM erased_runs "
        "WHERE project_id = $1 AND connection_id = $2 AND digest = ANY ($3::bytea[])",
        connection.project_id,
        connection.id,
        [*digests, *workflows],
    )
    barred = {row["digest"]: micros(row["erased_at"]) or 0 for row in rows if row["of"] == "workflow"}
    found = {digests[row["digest"]].ref.run_id for row in rows if row["of"] == "run"}
    late = [
        run
        for run in runs
        if run.ref.run_id not in found
        and (run.started_at or 0) <= barred.get(digest_of(key, "workflow", run.ref.workflow_id), -1)
    ]
    if late:
        # Seen for the first time after its workflow id was erased: from now on it is counted as known.
        await bar_runs(
            writer,
            [
                (
                    connection.project_id,
                    connection.id,
                    digest_of(key, "run", run.ref.run_id),
                    moment_at(run.started_at or 0),
                )
                for run in late
            ],
        )
    return found | {run.ref.run_id for run in late}


async def count_erased(reader: Reader, connection: Connection, window: ListingWindow) -> int:
    """How many runs that started in the window were erased; Temporal may have deleted some of them by now."""
    return int(
        await reader.fetchval(
            """
            SELECT count(*) FROM erased_runs
            WHERE project_id = $1 AND connection_id = $2 AND of = 'run'
              AND started_at >= coalesce($3::timestamptz, '-infinity')
              AND started_at < coalesce($4::timestamptz, 'infinity')
            """,
            connection.project_id,
            connection.id,
            window.from_at,
            window.to_at,
        )
    )
