"""Copying executions from Temporal on request."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import Input, Output


class SyncExecutionInput(Input):
    """Which execution to copy again."""

    execution_id: UUID
    immediate: bool = True
    """Wait (at most 2 s) for the copy; false only puts it at the head of the queue."""


class SyncResult(Output):
    """What a sync did."""

    synced: bool
    """The copy now equals Temporal; false when it was only queued or took too long."""
    changed: bool
    component_count: int
    synced_at: datetime | None
    took_ms: float


class ResolveInput(Input):
    """A run by Temporal's own ids."""

    connection_id: UUID
    temporal_workflow_id: Annotated[str, Field(min_length=1, max_length=1000)]
    temporal_run_id: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """Absent: the latest run of that workflow id."""


class Resolved(Output):
    """The execution that those ids name."""

    execution_id: str


class SetAsideExecution(Output):
    """An execution that could not be copied ten times over."""

    execution_id: str
    workflow_id: str
    workflow_name: str
    temporal_workflow_id: str
    temporal_run_id: str
    error: str | None
    set_aside_at: datetime | None
    """Since when; null for those set aside before this was kept."""
    next_sync_at: datetime | None
    """When it is tried once more."""


class TriedAgain(Output):
    """What was put at the head of the queue."""

    executions: int


class SetAsideExecutions(Output):
    """What was set aside in a project, newest first, at most 200."""

    items: list[SetAsideExecution]
    total: int
