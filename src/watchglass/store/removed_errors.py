"""What went wrong in runs that a project no longer keeps: counts by group and day, without what the errors said."""

from collections.abc import Collection
from uuid import UUID

from watchglass.store.error_runs import IS_ERROR
from watchglass.store.scope import Writer

REMOVED_ERRORS = """(
    SELECT project_id, workflow_id, day AS started_at, error_group, nullif(deployment_name, '') AS deployment_name,
        nullif(build_id, '') AS build_id, nullif(version, 0)::integer AS version,
        CASE WHEN NOT is_top_level THEN '' END AS parent_run_id, count, first_at, last_at, error_type, failed_step
    FROM removed_errors
)"""
"""SQL that conditions on `workflow_executions e` can be put to, where they ask for whole days."""


async def keep_errors(writer: Writer, project_id: UUID, execution_ids: Collection[UUID]) -> None:
    """Count the errors among these runs, which the same transaction removes."""
    await writer.execute(
        f"""
        INSERT INTO removed_errors AS r
        SELECT e.project_id, e.workflow_id, date_trunc('day', e.started_at, 'UTC'), e.error_group,
            coalesce(e.deployment_name, ''), coalesce(e.build_id, ''), coalesce(e.version, 0), e.parent_run_id IS NULL,
            count(*), min(e.started_at), max(e.started_at), max(e.error_type) FILTER (WHERE e.error_group <> ''),
            max(e.failed_step) FILTER (WHERE e.error_group <> '')
        FROM workflow_executions e
        WHERE e.project_id = $1 AND e.id = ANY ($2::uuid[]) AND {IS_ERROR}
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        ON CONFLICT (project_id, workflow_id, day, error_group, deployment_name, build_id, version, is_top_level)
        DO UPDATE SET count = r.count + excluded.count, first_at = least(r.first_at, excluded.first_at),
            last_at = greatest(r.last_at, excluded.last_at)
        """,  # noqa: S608 - own words only
        project_id,
        list(execution_ids),
    )
