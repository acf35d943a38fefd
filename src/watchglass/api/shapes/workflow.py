"""Workflows of a project."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import CursorInput, Input, Output
from watchglass.api.shapes.statistics import ComponentCoverage
from watchglass.model.connection import Level


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
    coverage: ComponentCoverage
    """How many of its runs are copied with their steps."""
    level: Level | None
    """How much of its runs is copied unasked; null: as the connection says."""
    inherited_level: Level | None
    """What the connection says; null for a project without one."""


class WorkflowLevel(Input):
    """How much of a workflow's runs to copy unasked."""

    workflow_id: UUID
    level: Level | None
    """Null: as the connection says."""


class WorkflowsInput(CursorInput):
    """Which project's workflows."""

    project_id: UUID
    limit: Annotated[int, Field(ge=1, le=200)] = 200


class Workflows(Output):
    """A project's workflows, by name."""

    items: list[Workflow]
    next_cursor: str | None
