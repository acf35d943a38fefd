"""Figures as they go over the wire."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from watchglass.api.render.project import average
from watchglass.api.render.summary import render_summary
from watchglass.api.shapes.statistics import (
    BuildFigures,
    ComponentCoverage,
    ComponentUse,
    Interval,
    Kept,
    LongRun,
    MostUsedComponent,
    MostUsedWorkflow,
    NamedCount,
    WorkflowStatistics,
)
from watchglass.statistics.definitions import success_rate
from watchglass.statistics.figures import Durations, Ends, most_used
from watchglass.statistics.metric import wilson
from watchglass.statistics.removed import Answerable
from watchglass.store.summaries import Row

_COUNTS = (
    "total_runs",
    "running_runs",
    "completed_runs",
    "failed_runs",
    "cancelled_runs",
    "terminated_runs",
    "timed_out_runs",
    "continued_as_new_runs",
    "unknown_runs",
    "retried_runs",
    "duration_count",
)


def render_workflow_statistics(
    *,
    figures: Mapping[str, Any],
    durations: Durations,
    ends: Ends,
    builds: Sequence[BuildFigures],
    components: Sequence[Mapping[str, Any]],
    recent: Sequence[Row],
    kept: Kept | None,
    as_of: datetime,
) -> WorkflowStatistics:
    return WorkflowStatistics(
        **{name: figures[name] for name in _COUNTS},
        success_rate=rate(figures),
        success_rate_interval=interval(figures),
        percentile_error=durations.percentile_error,
        error_count=figures["error_runs"],
        avg_duration_ms=average(figures["duration_sum_ms"], figures["duration_count"]),
        min_duration_ms=durations.minimum,
        max_duration_ms=durations.maximum,
        p50_duration_ms=durations.p50,
        p95_duration_ms=durations.p95,
        p99_duration_ms=durations.p99,
        most_used_component=named_component(most_used(components)),
        components=[_component(row) for row in components],
        by_build=list(builds),
        recent_executions=[render_summary(row) for row in recent],
        component_coverage=ComponentCoverage(detailed=figures["detailed_runs"], total=figures["total_runs"]),
        last_run_at=ends.last_run_at,
        last_error_at=ends.last_error_at,
        kept=kept,
        as_of=as_of,
    )


def render_kept(found: Answerable) -> Kept | None:
    if found.rows_from is None:
        return None
    return Kept(rows_from=found.rows_from, is_moved=found.is_moved, from_=found.window.start, to=found.window.end)


def render_build(row: Mapping[str, Any]) -> BuildFigures:
    return BuildFigures(
        build_id=row["build_id"],
        deployment=row["deployment"],
        is_rest=row["is_rest"],
        builds=row["builds"],
        total_runs=row["total_runs"],
        error_count=row["error_runs"],
        success_rate=success_rate(row["completed_runs"], row["error_runs"]),
        avg_duration_ms=row["duration_avg"],
        p95_duration_ms=row["duration_p95"],
        first_run_at=row["first_run_at"],
        last_run_at=row["last_run_at"],
    )


def rate(figures: Mapping[str, Any]) -> float | None:
    return success_rate(figures["completed_runs"], figures["error_runs"])


def interval(figures: Mapping[str, Any]) -> Interval | None:
    found = wilson(figures["completed_runs"], figures["error_runs"])
    return None if found is None else Interval(low=found[0], high=found[1])


def named(row: Mapping[str, Any] | None) -> NamedCount | None:
    return None if row is None else NamedCount(name=row["name"], count=row["count"])


def named_workflow(row: Mapping[str, Any] | None) -> MostUsedWorkflow | None:
    return None if row is None else MostUsedWorkflow(id=str(row["id"]), name=row["name"], count=row["count"])


def named_component(row: Mapping[str, Any] | None) -> MostUsedComponent | None:
    return None if row is None else MostUsedComponent(kind=row["kind"], name=row["name"], count=row["count"])


def long_run(row: Row | None) -> LongRun | None:
    if row is None:
        return None
    return LongRun(
        execution_id=str(row["id"]),
        workflow_id=str(row["workflow_id"]),
        workflow_name=row["workflow_name"],
        duration_ms=row["duration_ms"],
    )


def _component(row: Mapping[str, Any]) -> ComponentUse:
    return ComponentUse(
        kind=row["kind"],
        name=row["name"],
        count=row["count"],
        failed_count=row["failed_count"],
        avg_duration_ms=average(row["duration_sum_ms"], row["duration_count"]),
    )
