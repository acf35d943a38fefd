"""What needs a person."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import CursorInput, Input, Output
from watchglass.api.shapes.connection import ConnectionState
from watchglass.api.shapes.execution import ExecutionSummary
from watchglass.model.status import ExecutionStatus, Problem


class AttentionInput(Input):
    """Where to look."""

    project_id: UUID | None = None
    """Absent: in all projects of the person asking."""


class TroubledInput(CursorInput):
    """Which open runs with a problem."""

    project_id: UUID | None = None
    """Absent: those of all projects of the person asking."""
    problem: Problem | None = None
    """Absent: every kind."""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class TroubledExecution(ExecutionSummary):
    """An open run with a problem."""

    project_id: str
    project_name: str


class TroubledExecutions(Output):
    """By kind of problem, those that have it longest first."""

    items: list[TroubledExecution]
    next_cursor: str | None


class ProblemCount(Output):
    """Open runs with one kind of problem."""

    problem: Problem
    count: int
    since: datetime
    """When the one that has it longest was first seen with it."""


class WatchedConnection(Output):
    """A namespace whose open runs are looked after."""

    id: str
    project_id: str
    project_name: str
    address: str
    namespace: str
    state: ConnectionState
    error: str | None
    """Why it cannot be asked, as a sentence."""
    checked_at: datetime | None
    """When it was last asked."""
    open_runs: int | None
    """Null before the first round."""
    full_round_seconds: float | None
    """Each open run is asked about at least this often."""
    patrolled_at: datetime | None
    set_aside: int
    """Runs that could not be copied ten times over."""


class Attention(Output):
    """What needs a person now."""

    total: int
    """Open runs with a problem, runs set aside, and connections that do not answer."""
    problems: list[ProblemCount]
    """Kinds that no run has are left out."""
    connections: list[WatchedConnection]


class BadEnd(Output):
    """Runs of one workflow that ended with the same error."""

    project_id: str
    project_name: str
    workflow_id: str
    workflow_name: str
    status: ExecutionStatus
    error_type: str | None
    error_message: str | None
    """Of the newest, its first 300 characters; errors that differ in ids and numbers alone are counted as one."""
    count: int
    last_at: datetime
    execution_id: str
    """The newest of them."""


class BadEnds(Output):
    """Of the last 24 hours, newest first, at most 100."""

    items: list[BadEnd]
