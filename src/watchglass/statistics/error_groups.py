"""The errors of a window by what went wrong: how often, since when, until when, and a run to look at.

Counted from rows, in an index that holds the runs that count as errors and nothing else, and from what is kept of those
that were removed. Of a window, PostgreSQL reads just its part of each group.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from watchglass.statistics.definitions import IS_ERROR
from watchglass.statistics.slice import Slice
from watchglass.store.removed_errors import REMOVED_ERRORS
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

MOST_GROUPS = 50
"""More are added up as one."""


@dataclass(frozen=True, slots=True)
class ErrorGroups:
    rows: Sequence[Row]
    """Most frequent first: `error_group`, `count`; `first_seen_at` and `last_seen_at`, whatever the time and version;
    of the newest run in the window `sample_id`, `error_type`, `error_message` and `failed_step`. Where all of those
    were removed, `sample_id` is null, and the rest is of the newest run that is left; `is_removed`: there is none."""
    other_groups: int
    """How many groups there are beside these."""
    other_count: int
    """Their runs."""


async def read_error_groups(reader: Reader, window: Slice) -> ErrorGroups:
    """The `MOST_GROUPS` groups with most runs in the window, ties by the newest run."""
    where = window.where
    # Its arguments are the first ones of the window's.
    scope = Slice(window.project_id, window.workflow_id, top_level=window.top_level).where
    group = (
        f"SELECT {{}} FROM workflow_executions e WHERE {{}} AND {IS_ERROR} "  # noqa: S608 - own words only
        "AND e.error_group = g.error_group"
    )
    order = "ORDER BY e.started_at {0}, e.id {0} LIMIT 1"
    said = "e.error_type, e.error_message, e.failed_step"
    rows = await reader.fetch(
        f"""
        WITH counted AS MATERIALIZED (
            SELECT error_group, sum(count)::bigint AS count, max(last_at) AS last_at FROM (
                SELECT e.error_group, count(*) AS count, max(e.started_at) AS last_at
                FROM workflow_executions e WHERE {where} AND {IS_ERROR} GROUP BY e.error_group
                UNION ALL
                SELECT e.error_group, e.count, e.last_at FROM {REMOVED_ERRORS} e WHERE {where}
            ) parts GROUP BY error_group
        ), g AS MATERIALIZED (
            SELECT *, count(*) OVER () AS all_groups, sum(count) OVER ()::bigint AS all_count FROM counted
            ORDER BY count DESC, last_at DESC, error_group LIMIT {MOST_GROUPS}
        ), removed AS MATERIALIZED (
            SELECT e.error_group, min(e.first_at) AS first_at, max(e.last_at) AS last_at,
                max(e.error_type) AS error_type, max(e.failed_step) AS failed_step
            FROM {REMOVED_ERRORS} e WHERE {scope} GROUP BY e.error_group
        )
        SELECT g.error_group, g.count, g.all_groups, g.all_count,
            least(first.started_at, removed.first_at) AS first_seen_at,
            greatest(last.started_at, removed.last_at) AS last_seen_at, sample.id AS sample_id,
            coalesce(sample.error_type, last.error_type, removed.error_type) AS error_type,
            coalesce(sample.error_message, last.error_message) AS error_message,
            coalesce(sample.failed_step, last.failed_step, removed.failed_step) AS failed_step,
            last.started_at IS NULL AS is_removed
        FROM g
        LEFT JOIN removed ON removed.error_group = g.error_group
        LEFT JOIN LATERAL ({group.format("e.started_at", scope)} {order.format("ASC")}) first ON true
        LEFT JOIN LATERAL ({group.format(f"e.started_at, {said}", scope)} {order.format("DESC")}) last ON true
        LEFT JOIN LATERAL ({group.format(f"e.id, {said}", where)} {order.format("DESC")}) sample ON true
        ORDER BY g.count DESC, g.last_at DESC, g.error_group
        """,  # noqa: S608 - own words only
        *window.arguments,
    )
    if not rows:
        return ErrorGroups([], 0, 0)
    return ErrorGroups(
        rows,
        other_groups=rows[0]["all_groups"] - len(rows),
        other_count=rows[0]["all_count"] - sum(row["count"] for row in rows),
    )
