"""The figures of runs over time, one row a bucket, and where new versions began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from watchglass.statistics.buckets import Buckets, Step, cut
from watchglass.statistics.columns import RUNS
from watchglass.statistics.from_lines import run_figures
from watchglass.statistics.question import ask
from watchglass.statistics.read import read_exactly
from watchglass.statistics.removed import at_days, removed_before
from watchglass.statistics.run_metrics import RUN_METRICS
from watchglass.statistics.version_ends import read_ends, read_starts, read_versions, seen_versions
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

MOST_MARKS = 20
_FIGURES = (
    *("total_runs", "running_runs", "completed_runs", "failed_runs", "timed_out_runs", "terminated_runs"),
    *("cancelled_runs", "continued_as_new_runs", "unknown_runs", "error_count", "success_rate", "duration_count"),
    *("avg_duration_ms", "p50_duration_ms", "p95_duration_ms", "p99_duration_ms"),
)
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
    buckets = await _cut(reader, window, start, end, zone, step)
    if not buckets.borders:
        return Timeline(buckets, [], 0)
    question = ask(RUNS, window, windows=list(pairwise(buckets.borders)), measured=("duration",))
    lines, error = await read_exactly(reader, question)
    rows = {line.window: run_figures(line) for line in lines}
    return Timeline(buckets, [rows.get(number, _NOTHING) for number in range(len(question.windows))], error)


async def _cut(
    reader: Reader, window: Window, start: datetime, end: datetime, zone: ZoneInfo, step: Step | None
) -> Buckets:
    """Where rows were removed, by days or longer, which begin with days in UTC."""
    buckets = cut(start, end, zone, step=step, whole_first=window.start is None)
    rows_from = await removed_before(reader, window)
    if rows_from is None:
        return buckets
    if buckets.step in ("minute", "hour"):
        buckets = cut(start, end, zone, step="day", whole_first=window.start is None)
    return replace(buckets, borders=tuple(dict.fromkeys(at_days(buckets.borders, rows_from))))


async def read_marks(reader: Reader, window: Window) -> Sequence[Mapping[str, Any]]:
    """`at`, `version`, `deployment` and `build_id` of versions whose first run is in the window, the first one first.

    Of one workflow; the last `MOST_MARKS`. A run of a built workflow has a version, any other what its workers said.
    """
    if window.workflow_id is None:
        return []
    found = (await read_versions(reader, window, figures=())).lines
    named = {version: line for version, line in found.items() if version.number is not None or version.build_id}
    if window.start is not None and named:
        before = await seen_versions(reader, Window(window.project_id, window.workflow_id, end=window.start))
        named = {version: line for version, line in named.items() if version not in before}
    ends = await read_ends(reader, window, named)
    marks: list[dict[str, Any]] = [
        {"at": first, "version": version.number, "deployment": version.deployment, "build_id": version.build_id}
        for version, (first, _) in ends.items()
        if first is not None
    ]
    return sorted(marks, key=lambda mark: mark["at"])[-MOST_MARKS:]
