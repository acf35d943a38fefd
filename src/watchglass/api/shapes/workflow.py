"""Workflows of a project."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import CursorInput, Output


class WorkflowFigures(Output):
    """A workflow's totals of all time, as its line in a list shows them."""

    total_runs: int
    running_runs: int
    error_count: int
    success_rate: float | None
    avg_duration_ms: float | None


class Workflow(Output):
    """One definition: built here, or found in the namespace."""

    id: str
    project_id: str
    name: str
    kind: Literal["built", "observed"]
    temporal_type: str
    last_run_at: datetime | None
    figures: WorkflowFigures


class WorkflowsInput(CursorInput):
    """Which project's workflows."""

    project_id: UUID
    limit: Annotated[int, Field(ge=1, le=200)] = 200


class Workflows(Output):
    """A project's workflows, by name."""

    items: list[Workflow]
    next_cursor: str | None
