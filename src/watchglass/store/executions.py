"""One execution as its own page shows it, and the runs it is tied to."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from watchglass.store.scope import Reader
from watchglass.store.summaries import SUMMARY, SUMMARY_FROM, Row

_DETAILS = f"""
    SELECT {SUMMARY}, e.connection_id, e.namespace, e.parent_workflow_id, e.parent_run_id, e.root_workflow_id,
        e.root_run_id, e.first_run_id, e.continued_from_run_id, e.continued_to_run_id, e.superseded_by, e.is_retried,
        e.schedule_id, e.run_attempt, e.build_id, e.deployment_name, e.versioning, e.origin,
        e.reset_from_run_id, e.stopped_by_reset, e.called_by, c.address, e.timeouts, e.failure, e.input,
        e.input_bytes, e.result, e.result_bytes, e.result_event_id, e.memo, e.lifecycle,
        e.history_length, e.history_bytes,
        e.unknown_event_count, e.synced_event_id, e.derived_version,
        e.sync_error, e.is_final, e.source_gone_at, e.missing_since, coalesce(w.level, c.level) AS level,
        c.ui_address, c.codec_address, u.error AS decode_error,
        extract(epoch FROM clock_timestamp() - e.source_checked_at)::double precision AS source_age_seconds,
        extract(epoch FROM clock_timestamp() - greatest(e.synced_at, f.confirmed_at))::double precision AS age_seconds,
        greatest(e.synced_at, f.confirmed_at) AS confirmed_at,
        coalesce(f.leased_until > clock_timestamp(), false) AS is_followed
    FROM {SUMMARY_FROM} JOIN connections c ON c.project_id = e.project_id AND c.id = e.connection_id
        LEFT JOIN undecoded_runs u ON u.project_id = e.project_id AND u.execution_id = e.id
        LEFT JOIN followed_executions f ON f.project_id = e.project_id AND f.execution_id = e.id
    WHERE e.id = $1
"""  # noqa: S608 - own words only


async def read_execution(reader: Reader, execution_id: UUID) -> Row | None:
    """The execution; None when there is none, or the person asking may not see it."""
    return await reader.fetchrow(_DETAILS, execution_id)


async def read_attributes(reader: Reader, *, project_id: UUID, execution_id: UUID) -> list[Row]:
    """Search attributes, one row a value, lists in their order."""
    return list(
        await reader.fetch(
            """
            SELECT name, type, text_value, int_value, double_value, bool_value, time_value
            FROM execution_search_attributes WHERE project_id = $1 AND execution_id = $2 ORDER BY name, position
            """,
            project_id,
            execution_id,
        )
    )


async def find_runs(
    reader: Reader, *, project_id: UUID, connection_id: UUID, run_ids: Iterable[str | None]
) -> Mapping[str, Row]:
    """Those of these runs that have been copied: `id`, `status` and `started_at` by run id."""
    wanted = sorted({run_id for run_id in run_ids if run_id})
    if not wanted:
        return {}
    rows = await reader.fetch(
        """
        SELECT e.temporal_run_id, e.id, e.status, e.started_at
        FROM execution_keys k JOIN workflow_executions e ON e.project_id = k.project_id AND e.id = k.execution_id
        WHERE k.project_id = $1 AND k.connection_id = $2 AND k.temporal_run_id = ANY ($3::text[])
        """,
        project_id,
        connection_id,
        wanted,
    )
    return {row["temporal_run_id"]: row for row in rows}


async def find_foreign_runs(
    reader: Reader, *, project_id: UUID, address: str, runs: Iterable[tuple[str, str]]
) -> Mapping[str, Row]:
    """Copies of runs (namespace, run id) of the same Temporal: `id`, `status` and `started_at` by run id.

    They are where another connection looks at that namespace, in any project that the person asking sees; a copy in
    this project comes first.
    """
    wanted = sorted(set(runs))
    if not wanted:
        return {}
    rows = await reader.fetch(
        """
        SELECT DISTINCT ON (e.temporal_run_id) e.temporal_run_id, e.id, e.status, e.started_at
        FROM unnest($3::text[], $4::text[]) AS w(namespace, run_id)
        JOIN connections c ON c.address = $2 AND c.namespace = w.namespace
        JOIN execution_keys k ON k.connection_id = c.id AND k.temporal_run_id = w.run_id
        JOIN workflow_executions e ON e.project_id = k.project_id AND e.id = k.execution_id
        ORDER BY e.temporal_run_id, e.project_id <> $1, c.created_at, c.id
        """,
        project_id,
        address,
        [namespace for namespace, _ in wanted],
        [run_id for _, run_id in wanted],
    )
    return {row["temporal_run_id"]: row for row in rows}


async def read_set_aside(reader: Reader, project_id: UUID, *, limit: int) -> tuple[list[Row], int]:
    """Executions that could not be copied ten times over, newest first, and how many there are."""
    rows: list[Any] = await reader.fetch(
        f"""
        SELECT {SUMMARY}, e.sync_error, e.next_sync_at, e.set_aside_at, count(*) OVER () AS total FROM {SUMMARY_FROM}
        WHERE e.project_id = $1 AND e.sync_status = 'set_aside' ORDER BY e.started_at DESC, e.id DESC LIMIT $2
        """,  # noqa: S608 - own words only
        project_id,
        limit,
    )
    return list(rows), rows[0]["total"] if rows else 0


async def newest_of_built(reader: Reader, project_id: UUID, name: str) -> UUID | None:
    """The run that started last of the project's built workflow of that name."""
    execution_id: UUID | None = await reader.fetchval(
        """
        SELECT e.id FROM workflows w JOIN workflow_executions e ON e.project_id = w.project_id AND e.workflow_id = w.id
        WHERE w.project_id = $1 AND w.kind = 'built' AND w.name = $2 AND e.version IS NOT NULL
        ORDER BY e.workflow_id, e.started_at DESC, e.id DESC LIMIT 1
        """,
        project_id,
        name,
    )
    return execution_id
