"""Projects and workflows, from their rows."""

from typing import Any

from watchglass.api.render.connection import STATES, notice_of
from watchglass.api.shapes.project import Connection, Project
from watchglass.api.shapes.statistics import ComponentCoverage
from watchglass.api.shapes.workflow import Workflow, WorkflowFigures
from watchglass.statistics.definitions import success_rate
from watchglass.store.summaries import Row


def render_project(row: Row) -> Project:
    return Project(
        id=str(row["id"]),
        name=row["name"],
        role=row["role"],
        sees_payloads=row["sees_payloads"],
        connection=_connection(row),
    )


def _connection(row: Row) -> Connection | None:
    if row["connection_id"] is None:
        return None
    return Connection(
        id=str(row["connection_id"]),
        address=row["address"],
        namespace=row["namespace"],
        state=STATES[row["state"]],
        error=row["error"],
        notice=notice_of(row),
    )


def render_workflow(row: Row) -> Workflow:
    return Workflow(
        id=str(row["id"]),
        project_id=str(row["project_id"]),
        name=row["name"],
        kind=row["kind"],
        temporal_type=row["temporal_type"],
        last_run_at=row["last_run_at"],
        figures=WorkflowFigures(
            total_runs=int(row["total_runs"]),
            running_runs=int(row["running_runs"]),
            error_count=row["error_runs"],
            success_rate=success_rate(row["completed_runs"], row["error_runs"]),
            avg_duration_ms=average(row["duration_sum_ms"], row["duration_count"]),
        ),
        coverage=ComponentCoverage(detailed=int(row["detailed_runs"]), total=int(row["total_runs"])),
        level=row["level"],
        inherited_level=row["inherited_level"],
    )


def average(total: Any, count: int) -> float | None:
    """None where nothing was counted."""
    return float(total / count) if count else None
