"""The figures of a window, split by version: of the drawing where it has one, else of the workers that ran it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchglass.statistics.columns import RUNS
from watchglass.statistics.from_lines import are_many, run_figures, together
from watchglass.statistics.histogram import RELATIVE_ERROR
from watchglass.statistics.metric import columns
from watchglass.statistics.read import Line, ask, read_lines
from watchglass.statistics.run_metrics import RUN_METRICS
from watchglass.statistics.version_ends import NONE, Version, read_ends, version_of
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

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
    rows: Sequence[Mapping[str, Any]]
    """`version`, `deployment`, `build_id`, `first_run_at`, `last_run_at` and the figures, the last to run first."""
    other: int
    """How many versions there are beyond `MOST_LINES`; those that roll-ups do not tell apart are one."""
    percentile_error: float


async def read_version_lines(reader: Reader, window: Window) -> VersionLines:
    if window.workflow_id is not None and await are_many(reader, RUNS, window):
        return await _rolled_up(reader, window)
    rows = await reader.fetch(
        f"""
        SELECT {_KEYS}, {_COLUMNS}, min(e.started_at) AS first_run_at, max(e.started_at) AS last_run_at,
            count(*) OVER () AS all_lines
        FROM workflow_executions e WHERE {window.where} GROUP BY 1, 2, 3
        ORDER BY last_run_at DESC, 1, 2, 3 LIMIT {MOST_LINES}
        """,  # noqa: S608 - own words only
        *window.arguments,
    )
    other = rows[0]["all_lines"] - len(rows) if rows else 0
    return VersionLines([dict(row) for row in rows], other, 0)


async def _rolled_up(reader: Reader, window: Window) -> VersionLines:
    question = ask(RUNS, window, by=("version", "deployment_name", "build_id"), with_histogram=True)
    found: dict[Version, list[Line]] = {}
    has_rest = False
    for line in await read_lines(reader, question):
        version = version_of(line.dimensions)
        if version is None:
            has_rest = True
        else:
            found.setdefault(version, []).append(line)
    ends = await read_ends(reader, window, list(found))
    rows: list[dict[str, Any]] = [
        {
            **run_figures(together(RUNS, lines)),
            "version": version.number,
            "deployment": version.deployment,
            "build_id": version.build_id,
            "first_run_at": ends[version][0],
            "last_run_at": ends[version][1],
        }
        for version, lines in found.items()
        # Changed since it was counted: the next look has it.
        if ends.get(version, NONE) != NONE
    ]
    rows.sort(key=lambda row: row["last_run_at"], reverse=True)
    return VersionLines(rows[:MOST_LINES], max(len(rows) - MOST_LINES, 0) + has_rest, RELATIVE_ERROR)
