"""The figures of runs over time, one row a bucket, and where new versions began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from watchglass.statistics.buckets import Buckets, Step, cut
from watchglass.statistics.columns import RUNS
from watchglass.statistics.from_lines import are_many, run_figures
from watchglass.statistics.histogram import RELATIVE_ERROR
from watchglass.statistics.metric import columns
from watchglass.statistics.read import ask, read_lines
from watchglass.statistics.run_metrics import RUN_METRICS
from watchglass.statistics.version_ends import Version, read_ends, read_starts, version_of
from watchglass.statistics.version_lines import KEYS
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

MOST_MARKS = 20
_FIGURES = (
    *("total_runs", "running_runs", "completed_runs", "failed_runs", "timed_out_runs", "terminated_runs"),
    *("cancelled_runs", "continued_as_new_runs", "unknown_runs", "error_count", "success_rate", "duration_count"),
    *("avg_duration_ms", "p50_duration_ms", "p95_duration_ms", "p99_duration_ms"),
)
_COLUMNS = columns(RUN_METRICS, _FIGURES)
_KEYS = ", ".join(f"{sql} AS {name}" for name, sql in KEYS.items())
_IS_COUNT = {metric.name for metric in RUN_METRICS if metric.unit == "runs"}
_NOTHING: Mapping[str, Any] = {name: 0 if name in _IS_COUNT else None for name in _FIGURES}


@dataclass(frozen=True, slots=True)
class Timeline:
    buckets: Buckets
    figures: Sequence[Mapping[str, Any]]
    """By metric, one a bucket; of an empty bucket the counts are 0 and the rest None."""
    percentile_error: float


async def read_timeline(
    reader: Reader, window: Window, zone: ZoneInfo, *, step: Step | None, now: datetime | None = None
) -> Timeline:
    """From the first run, where the window has no start, to now or the last run, where it has no end.

    Raises InvalidInput where the window cannot be cut into buckets.
    """
    first, last = await read_starts(reader, window) if window.start is None or window.end is None else (None, None)
    start = window.start or first
    end = window.end or now or datetime.now(UTC)
    if window.end is None and last is not None:
        # A server whose clock is ahead of ours says that runs start later than now.
        end = max(end, last + timedelta(microseconds=1))
    if start is None:
        return Timeline(Buckets(step or "minute", 1, ()), [], 0)
    buckets = cut(start, end, zone, step=step, whole_first=window.start is None)
    are_rolled_up = await are_many(reader, RUNS, window)
    read = _rolled_up if are_rolled_up else _rows
    rows = await read(reader, window, buckets.borders) if buckets.borders else {}
    figures = [rows.get(number, _NOTHING) for number in range(1, len(buckets.borders))]
    return Timeline(buckets, figures, RELATIVE_ERROR if are_rolled_up else 0)


async def _rolled_up(reader: Reader, window: Window, borders: Sequence[datetime]) -> dict[int, Mapping[str, Any]]:
    windows = list(pairwise(borders))
    lines = await read_lines(reader, ask(RUNS, window, windows=windows, with_histogram=True))
    return {line.window + 1: run_figures(line) for line in lines}


async def _rows(reader: Reader, window: Window, borders: Sequence[datetime]) -> dict[int, Mapping[str, Any]]:
    rows = await reader.fetch(
        f"""
        SELECT width_bucket(e.started_at, ${len(window.arguments) + 1}::timestamptz[]) AS number, {_COLUMNS}
        FROM workflow_executions e WHERE {window.where} GROUP BY number
        """,  # noqa: S608 - own words only
        *window.arguments,
        list(borders),
    )
    return {row["number"]: dict(row) for row in rows}


async def read_marks(reader: Reader, window: Window) -> Sequence[Mapping[str, Any]]:
    """`at`, `version`, `deployment` and `build_id` of versions whose first run is in the window, the first one first.

    Of one workflow; the last `MOST_MARKS`. A run of a built workflow has a version, any other what its workers said.
    """
    if window.workflow_id is None:
        return []
    if await are_many(reader, RUNS, window):
        return await _rolled_up_marks(reader, window)
    rows = await reader.fetch(
        f"""
        SELECT * FROM (
            SELECT e.version, e.deployment, e.build_id, min(e.started_at) AS at
            FROM (
                SELECT e.started_at, {_KEYS} FROM workflow_executions e WHERE {window.where}
            ) e
            WHERE e.version IS NOT NULL OR e.build_id IS NOT NULL GROUP BY e.version, e.deployment, e.build_id
        ) found
        WHERE NOT EXISTS (
            SELECT FROM workflow_executions e
            WHERE e.project_id = ${1} AND e.workflow_id = ${2} AND e.started_at < found.at
              AND e.version IS NOT DISTINCT FROM found.version
              AND (found.version IS NOT NULL OR e.build_id = found.build_id
                   AND e.deployment_name IS NOT DISTINCT FROM found.deployment)
        )
        ORDER BY at DESC LIMIT {MOST_MARKS}
        """,  # noqa: S608 - own words only
        *window.arguments,
    )
    return [dict(row) for row in rows[::-1]]


async def _rolled_up_marks(reader: Reader, window: Window) -> Sequence[Mapping[str, Any]]:
    versions = await _versions(reader, window)
    if window.start is not None:
        versions -= await _versions(reader, Window(window.project_id, window.workflow_id, end=window.start))
    named = [version for version in versions if version.number is not None or version.build_id is not None]
    ends = await read_ends(reader, window, named)
    marks: list[dict[str, Any]] = [
        {"at": first, "version": version.number, "deployment": version.deployment, "build_id": version.build_id}
        for version, (first, _) in ends.items()
        if first is not None
    ]
    return sorted(marks, key=lambda mark: mark["at"])[-MOST_MARKS:]


async def _versions(reader: Reader, window: Window) -> set[Version]:
    lines = await read_lines(reader, ask(RUNS, window, by=("version", "deployment_name", "build_id")))
    return {version for line in lines if (version := version_of(line.dimensions)) is not None}
