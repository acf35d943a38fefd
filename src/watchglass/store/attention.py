"""What needs a person: open runs with a problem, ended badly, copies and connections in trouble.

For one project, or for all that the reader sees: then each project is asked for its first rows by itself, because an
order over all of them would read every row of the largest.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from watchglass.errors import InvalidInput
from watchglass.model.status import Problem
from watchglass.store.cursor import read_cursor, write_cursor
from watchglass.store.moments import micros, moment_at
from watchglass.store.scope import Reader
from watchglass.store.summaries import SUMMARY, Row

FAILURE_DAYS = 1
_PROJECTS = "unnest(CASE WHEN $1::uuid IS NULL THEN app.project_ids() ELSE ARRAY[$1::uuid] END) AS p (id)"
_CURSOR_KIND = "a"


@dataclass(frozen=True, slots=True)
class TroubledPage:
    rows: list[Row]
    next_cursor: str | None


async def read_troubled(
    reader: Reader, project_id: UUID | None, *, problem: Problem | None, cursor: str | None, limit: int
) -> TroubledPage:
    """Open runs with a problem, by kind of problem, those that have it longest first.

    Raises:
        InvalidInput: the cursor belongs to another list.
    """
    since_problem, since, since_id = _read_place(cursor) if cursor is not None else (None, None, None)
    rows = await reader.fetch(
        f"""
        SELECT {SUMMARY}, projects.name AS project_name
        FROM {_PROJECTS}
        CROSS JOIN LATERAL (
            SELECT * FROM workflow_executions x
            WHERE x.project_id = p.id AND x.problem_since IS NOT NULL AND ($2::text IS NULL OR x.problem = $2)
              AND ($3::text IS NULL OR (x.problem, x.problem_since, x.id) > ($3, $4::timestamptz, $5::uuid))
            ORDER BY x.problem, x.problem_since, x.id LIMIT $6
        ) e
        JOIN workflows w ON w.project_id = e.project_id AND w.id = e.workflow_id
        JOIN projects ON projects.id = e.project_id
        ORDER BY e.problem, e.problem_since, e.id LIMIT $6
        """,  # noqa: S608 - own words only
        project_id,
        problem,
        since_problem,
        since,
        since_id,
        limit + 1,
    )
    page = rows[:limit]
    return TroubledPage(page, _cursor(page[-1]) if len(rows) > limit else None)


def _read_place(cursor: str) -> tuple[str, datetime, UUID]:
    problem, since, run = read_cursor(_CURSOR_KIND, cursor, types=(str, int, str))
    try:
        return problem, moment_at(since), UUID(run)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("The cursor does not belong to this list. Ask for the first page again.") from error


def _cursor(row: Row) -> str:
    return write_cursor(_CURSOR_KIND, [row["problem"], micros(row["problem_since"]), str(row["id"])])


async def count_troubled(reader: Reader, project_id: UUID | None) -> list[Row]:
    """Columns problem, count, since (the longest); kinds that nobody has are left out."""
    return await reader.fetch(
        f"""
        SELECT e.problem, sum(e.count)::bigint AS count, min(e.since) AS since
        FROM {_PROJECTS}
        CROSS JOIN LATERAL (
            SELECT x.problem, count(*) AS count, min(x.problem_since) AS since FROM workflow_executions x
            WHERE x.project_id = p.id AND x.problem_since IS NOT NULL GROUP BY x.problem
        ) e GROUP BY e.problem ORDER BY e.problem
        """,  # noqa: S608 - own words only
        project_id,
    )


async def read_connections_watched(reader: Reader, project_id: UUID | None) -> list[Row]:
    """Every connection with its state, how its patrol goes, and how many of its runs are set aside."""
    return await reader.fetch(
        f"""
        SELECT c.id, c.project_id, projects.name AS project_name, c.address, c.namespace, c.state, c.error,
            c.checked_at, t.open_runs, t.full_round_seconds, t.patrolled_at, aside.count AS set_aside
        FROM {_PROJECTS}
        JOIN projects ON projects.id = p.id
        JOIN connections c ON c.project_id = p.id
        LEFT JOIN patrols t ON t.project_id = c.project_id AND t.connection_id = c.id
        CROSS JOIN LATERAL (
            SELECT count(*) AS count FROM workflow_executions x
            WHERE x.project_id = p.id AND x.connection_id = c.id AND x.sync_status = 'set_aside'
        ) aside
        ORDER BY projects.name, c.created_at, c.id
        """,  # noqa: S608 - own words only
        project_id,
    )


async def read_bad_ends(reader: Reader, project_id: UUID | None, *, limit: int) -> list[Row]:
    """Runs of the last day that ended because something ran out of retries, or out of time itself.

    Those of one workflow that ended with one error, whatever ids stand in it, are one row, with the newest of them.
    """
    return await reader.fetch(
        f"""
        SELECT e.*, projects.name AS project_name, w.name AS workflow_name
        FROM {_PROJECTS}
        CROSS JOIN LATERAL (
            SELECT x.project_id, x.workflow_id, x.status, x.error_type, count(*) AS count, max(x.closed_at) AS last_at,
                (array_agg(left(x.error_message, 300) ORDER BY x.closed_at DESC))[1] AS error_message,
                (array_agg(x.id ORDER BY x.closed_at DESC))[1] AS execution_id
            FROM workflow_executions x
            WHERE x.project_id = p.id AND x.status IN ('failed', 'timed_out')
              AND x.closed_at > statement_timestamp() - $2 * interval '1 day'
              AND (x.status = 'timed_out' OR x.unexpected_failure_count > 0)
              AND NOT x.is_retried AND x.superseded_by IS NULL
            GROUP BY x.project_id, x.workflow_id, x.status, x.error_type, x.error_group
            ORDER BY max(x.closed_at) DESC LIMIT $3
        ) e
        JOIN workflows w ON w.project_id = e.project_id AND w.id = e.workflow_id
        JOIN projects ON projects.id = e.project_id
        ORDER BY e.last_at DESC LIMIT $3
        """,  # noqa: S608 - own words only
        project_id,
        FAILURE_DAYS,
        limit,
    )
