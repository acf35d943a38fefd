"""The figures of a window, split by version: of the drawing where it has one, else of the workers that ran it."""

from collections.abc import Sequence
from dataclasses import dataclass

from watchglass.statistics.metric import columns
from watchglass.statistics.run_metrics import RUN_METRICS
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

MOST_LINES = 50
"""More are only counted: SDKs that are not versioned name a new build whenever the code changes."""
_FIGURES = (
    *("total_runs", "error_count", "success_rate", "duration_count", "avg_duration_ms", "p50_duration_ms"),
    "p95_duration_ms",
)
_COLUMNS = columns(RUN_METRICS, _FIGURES)
# What names the version of a run: of a drawing its number alone, whoever the workers were.
KEYS = {
    "version": "e.version",
    "deployment": "CASE WHEN e.version IS NULL THEN e.deployment_name END",
    "build_id": "CASE WHEN e.version IS NULL THEN e.build_id END",
}
_KEYS = ", ".join(f"{sql} AS {name}" for name, sql in KEYS.items())


@dataclass(frozen=True, slots=True)
class VersionLines:
    rows: Sequence[Row]
    """`version`, `deployment`, `build_id`, `first_run_at`, `last_run_at` and the figures, the last to run first."""
    other: int
    """How many versions there are beyond `MOST_LINES`."""
    percentile_error: float


async def read_version_lines(reader: Reader, window: Window) -> VersionLines:
    rows = await reader.fetch(
        f"""
        SELECT {_KEYS}, {_COLUMNS}, min(e.started_at) AS first_run_at, max(e.started_at) AS last_run_at,
            count(*) OVER () AS all_lines
        FROM workflow_executions e WHERE {window.where} GROUP BY 1, 2, 3
        ORDER BY last_run_at DESC, 1, 2, 3 LIMIT {MOST_LINES}
        """,  # noqa: S608 - own words only
        *window.arguments,
    )
    return VersionLines(rows, rows[0]["all_lines"] - len(rows) if rows else 0, 0)
