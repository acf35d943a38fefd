"""The parts of a statistics page as they go over the wire."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

from pydantic.alias_generators import to_camel

from watchglass.api.shapes.figures import (
    Bin,
    Clock,
    Clocks,
    ComponentLine,
    Definition,
    Distribution,
    Mark,
    QueueClock,
    StepFigures,
    TaskQueueLine,
    Timeline,
    TimelineBucket,
    VersionLine,
    VersionLines,
    WorkflowLine,
    WorkflowLines,
)
from watchglass.api.shapes.statistics import Kept
from watchglass.statistics import distribution, timeline, version_lines, workflow_lines
from watchglass.statistics.component_metrics import CLOCKS
from watchglass.statistics.metric import Metric


def render_timeline(
    found: timeline.Timeline, marks: Sequence[Mapping[str, Any]], *, zone: str, kept: Kept | None
) -> Timeline:
    return Timeline(
        step=found.buckets.step,
        every=found.buckets.every,
        time_zone=zone,
        percentile_error=found.percentile_error,
        buckets=[
            TimelineBucket(start=start, end=end, **{name: figures[name] for name in _BUCKET})
            for (start, end), figures in zip(pairwise(found.buckets.borders), found.figures, strict=True)
        ],
        marks=[Mark(at=row["at"], label=_version(row)) for row in marks],
        kept=kept,
    )


_BUCKET = [name for name in TimelineBucket.model_fields if name not in {"start", "end"}]


def _version(row: Mapping[str, Any]) -> str:
    if row["version"] is not None:
        return f"v{row['version']}"
    return " ".join(part for part in (row["deployment"], row["build_id"]) if part)


_OF_VERSION = [name for name in VersionLine.model_fields if name != "label"]


def render_versions(found: version_lines.VersionLines) -> VersionLines:
    return VersionLines(
        items=[VersionLine(label=_version(row), **{name: row[name] for name in _OF_VERSION}) for row in found.rows],
        other=found.other,
        percentile_error=found.percentile_error,
    )


def render_component(row: Mapping[str, Any], names: Mapping[str, str]) -> ComponentLine:
    figures = _step_figures(row)
    is_listed = row["kind"] == "activity"
    return ComponentLine(
        kind=row["kind"],
        name=row["name"],
        display_name=names.get(row["name"], row["name"]) if is_listed else row["name"],
        node_id=row["node_id"],
        **figures,
    )


def render_other(row: Mapping[str, Any]) -> StepFigures:
    return StepFigures(**_step_figures(row))


_COUNTS = [name for name in StepFigures.model_fields if name not in {"clocks", "share_of_time"}]


def _step_figures(row: Mapping[str, Any]) -> dict[str, Any]:
    clocks = {clock: Clock(**{name: row[f"{clock}_{name}"] for name in Clock.model_fields}) for clock in CLOCKS}
    return {**{name: row[name] for name in _COUNTS}, "clocks": Clocks(**clocks), "share_of_time": row["share_of_time"]}


def render_distribution(found: distribution.Distribution) -> Distribution:
    return Distribution(
        bins=[
            Bin(from_ms=start, to_ms=end, count=count)
            for (start, end), count in zip(pairwise(found.edges), found.counts, strict=True)
        ],
        count=found.count,
        percentile_error=found.percentile_error,
    )


def render_workflows(found: workflow_lines.WorkflowLines) -> WorkflowLines:
    return WorkflowLines(
        items=[_workflow(row, found.sparks.get(row["id"], workflow_lines.EMPTY)) for row in found.rows],
        other=found.other,
        start=found.start,
        end=found.end,
        percentile_error=found.percentile_error,
    )


_OF_ROW = [name for name in WorkflowLine.model_fields if name not in {"workflow_id", "spark", "spark_errors"}]


def _workflow(row: Mapping[str, Any], spark: workflow_lines.Spark) -> WorkflowLine:
    return WorkflowLine(
        workflow_id=str(row["id"]),
        spark=list(spark.runs),
        spark_errors=list(spark.errors),
        **{name: row[name] for name in _OF_ROW},
    )


def render_queue(row: Mapping[str, Any]) -> TaskQueueLine:
    return TaskQueueLine(
        task_queue=row["task_queue"],
        runs=row["runs"],
        steps=row["steps"],
        queue=QueueClock(**{name: row[f"queue_{name}"] for name in QueueClock.model_fields}),
    )


def render_definition(metric: Metric[Any], of: Literal["runs", "components"]) -> Definition:
    return Definition(
        name=to_camel(metric.name),
        of=of,
        label=metric.label,
        unit=metric.unit,
        formula=metric.formula,
        excludes=metric.excludes,
        sql=metric.sql,
    )
