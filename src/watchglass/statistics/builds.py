"""Figures of a window, split by the version of the workers that ran it."""

from collections.abc import Sequence

from watchglass.statistics.definitions import HAS_DURATION, IS_ERROR
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

MOST_BUILDS = 50
"""More are added up as one line: SDKs that are not versioned name a new build whenever the code changes."""


_FIGURES = f"""
    count(*) AS total_runs, count(*) FILTER (WHERE e.status = 'completed') AS completed_runs,
    count(*) FILTER (WHERE {IS_ERROR}) AS error_runs, avg(e.duration_ms) FILTER (WHERE {HAS_DURATION}) AS duration_avg,
    percentile_disc(0.95) WITHIN GROUP (ORDER BY e.duration_ms) FILTER (WHERE {HAS_DURATION}) AS duration_p95,
    min(e.started_at) AS first_run_at, max(e.started_at) AS last_run_at
"""


async def read_build_figures(reader: Reader, window: Window) -> Sequence[Row]:
    """One row a build, the one that ran last first; those beyond `MOST_BUILDS` are one row, which comes last.

    Each has `build_id`, `deployment`, `is_rest`, `builds`, `total_runs`, `completed_runs`, `error_runs`,
    `duration_avg`, `duration_p95`, `first_run_at` and `last_run_at`. Percentiles are by nearest rank.
    """
    rows = await reader.fetch(
        f"""
        SELECT e.build_id, e.deployment_name AS deployment, false AS is_rest, 1 AS builds,
            count(*) OVER () AS all_builds, {_FIGURES}
        FROM workflow_executions e WHERE {window.where} GROUP BY e.deployment_name, e.build_id
        ORDER BY last_run_at DESC, deployment, build_id LIMIT {MOST_BUILDS}
        """,  # noqa: S608 - own words only
        *window.arguments,
    )
    beyond = rows[0]["all_builds"] - len(rows) if rows else 0
    return [*rows, await _rest(reader, window, rows, beyond)] if beyond else rows


async def _rest(reader: Reader, window: Window, named: Sequence[Row], builds: int) -> Row:
    """All runs but those of the named builds. A second look at the runs, and only where there are so many builds."""
    first = len(window.arguments) + 1
    row = await reader.fetchrow(
        f"""
        SELECT NULL AS build_id, NULL AS deployment, true AS is_rest, ${first}::integer AS builds, {_FIGURES}
        FROM workflow_executions e WHERE {window.where}
          AND (coalesce(e.deployment_name, ''), coalesce(e.build_id, ''))
              NOT IN (SELECT * FROM unnest(${first + 1}::text[], ${first + 2}::text[]))
        """,  # noqa: S608 - own words only
        *window.arguments,
        builds,
        [row["deployment"] or "" for row in named],
        [row["build_id"] or "" for row in named],
    )
    assert row is not None
    return row


async def read_only_build(reader: Reader, window: Window) -> Row | None:
    """`build_id` and `deployment` when the workflow has only ever run on one version; None when on several.

    Two looks at an index, whatever the number of runs: the first and the last version in its order are the same.
    """
    return await reader.fetchrow(
        """
        WITH first AS (
            SELECT deployment_name, build_id FROM workflow_executions WHERE project_id = $1 AND workflow_id = $2
            ORDER BY deployment_name, build_id LIMIT 1
        ), last AS (
            SELECT deployment_name, build_id FROM workflow_executions WHERE project_id = $1 AND workflow_id = $2
            ORDER BY deployment_name DESC, build_id DESC LIMIT 1
        )
        SELECT first.build_id, first.deployment_name AS deployment FROM first, last
        WHERE first.build_id IS NOT DISTINCT FROM last.build_id
          AND first.deployment_name IS NOT DISTINCT FROM last.deployment_name
        """,
        window.project_id,
        window.workflow_id,
    )
