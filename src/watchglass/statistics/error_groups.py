"""The errors of a window by what went wrong: how often, since when, until when, and a run to look at.

Counted from rows, in an index that holds the runs that count as errors and nothing else. Of a window, PostgreSQL reads
just its part of each group.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from watchglass.statistics.definitions import IS_ERROR
from watchglass.statistics.slice import Slice
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

MOST_GROUPS = 50
"""More are added up as one."""


@dataclass(frozen=True, slots=True)
class ErrorGroups:
    rows: Sequence[Row]
    """Most frequent first: `error_group`, `count`; `first_seen_at` and `last_seen_at`, whatever the time and version;
    of the newest run in the window `sample_id`, `error_type`, `error_message` and `failed_step`."""
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
    rows = await reader.fetch(
        f"""
        WITH counted AS MATERIALIZED (
            SELECT e.error_group, count(*) AS count, max(e.started_at) AS last_at
            FROM workflow_executions e WHERE {where} AND {IS_ERROR} GROUP BY e.error_group
        ), g AS MATERIALIZED (
            SELECT *, count(*) OVER () AS all_groups, sum(count) OVER ()::bigint AS all_count FROM counted
            ORDER BY count DESC, last_at DESC, error_group LIMIT {MOST_GROUPS}
        )
        SELECT g.error_group, g.count, g.all_groups, g.all_count, first.started_at AS first_seen_at,
            last.started_at AS last_seen_at, sample.id AS sample_id, sample.error_type, sample.error_message,
            sample.failed_step
        FROM g
        JOIN LATERAL ({group.format("e.started_at", scope)} {order.format("ASC")}) first ON true
        JOIN LATERAL ({group.format("e.started_at", scope)} {order.format("DESC")}) last ON true
        JOIN LATERAL (
            {group.format("e.id, e.error_type, e.error_message, e.failed_step", where)} {order.format("DESC")}
        ) sample ON true
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
