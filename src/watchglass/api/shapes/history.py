"""Lists of executions, and the raw events of one."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from watchglass.api.shapes.base import CursorInput, Input, Output
from watchglass.api.shapes.execution import ExecutionSummary
from watchglass.api.shapes.statistics import StartedIn
from watchglass.model.status import ComponentKind, ExecutionStatus


def _each_once(statuses: list[ExecutionStatus]) -> list[ExecutionStatus]:
    """Filters that are put together from several places may name one twice."""
    return list(dict.fromkeys(statuses))


_Milliseconds = Annotated[float, Field(ge=0, le=1e13, allow_inf_nan=False)]


class StepInput(Input):
    """Executions in which a component did something: those with at least one step to which all of this applies."""

    kind: ComponentKind
    name: Annotated[str, Field(max_length=1000)]
    node_id: Annotated[str, Field(max_length=1000)] | None = None
    """Only its steps at this node of the drawing."""
    failed: bool = False
    """Only steps that failed, after their last attempt."""
    retries: Literal["expected", "unexpected"] | None = None
    """Only steps that were retried, as their policy allowed or not."""
    clock: Literal["queue", "execution", "retry", "waiting", "duration"] | None = None
    """The time that `minMs` is of, as `statistics.components` has them."""
    min_ms: _Milliseconds | None = None
    """Only steps that took this long or longer."""

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if (self.clock is None) != (self.min_ms is None):
            raise ValueError("Give `clock` and `minMs` together.")
        return self


class ListedInput(CursorInput, StartedIn):
    """Which executions of those that there are, in what order."""

    limit: Annotated[int, Field(ge=1, le=200)] = 20
    status: Annotated[list[ExecutionStatus], AfterValidator(_each_once), Field(max_length=100)] | None = None
    """Only these; absent or empty means every status."""
    sort: Literal["startedAt", "durationMs"] = "startedAt"
    order: Literal["desc", "asc"] = "desc"
    """Sorted by duration, runs that have not ended come last both ways."""
    top_level: bool = False
    """Leave out runs that are children of other runs."""
    build_id: Annotated[str, Field(max_length=1000)] | None = None
    """Only runs that this build of the workers worked on last; an empty text: runs of no known build."""
    deployment: Annotated[str, Field(max_length=1000)] | None = None
    """Only builds of this worker deployment; an empty text: builds of none."""
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    """Only runs of this version of a built workflow."""
    errors: bool = False
    """Only runs that count as errors: those of `errorCount` among the figures."""
    error_group: Annotated[str, Field(max_length=100)] | None = None
    """Only runs that count as errors of this group, as `statistics.errors` names them; empty: of no known error."""
    min_duration_ms: _Milliseconds | None = None
    """Only runs that have ended, were not carried on by a next one, and took this long or longer."""
    max_duration_ms: _Milliseconds | None = None
    """Only runs that have ended, were not carried on by a next one, and took less."""
    task_queue: Annotated[str, Field(max_length=1000)] | None = None
    """Only runs of this task queue."""
    component: StepInput | None = None
    """Only runs in which this component did something."""

    @model_validator(mode="after")
    def _has_durations_in_order(self) -> Self:
        low, high = self.min_duration_ms, self.max_duration_ms
        if low is not None and high is not None and low > high:
            raise ValueError("`minDurationMs` must not be more than `maxDurationMs`.")
        return self


class ExecutionHistoryInput(ListedInput):
    """Which executions of a workflow, in what order."""

    workflow_id: UUID


class ProjectHistoryInput(ListedInput):
    """Which executions of all workflows of a project, in what order."""

    project_id: UUID


class ExecutionHistory(Output):
    """One page of the executions of a workflow or of a project."""

    items: list[ExecutionSummary]
    next_cursor: str | None
    prev_cursor: str | None
    position: int
    """Number of the first item within the whole list, from 1; 0 when the page is empty."""
    total: int
    """How many executions match; where counting stopped early, how many were found so far."""
    total_is_exact: bool
    """False when counting stopped early: there are `total` or more."""
    runs_removed_before: datetime | None
    """Runs that started before are not all there: those that ended long ago were removed. Null: all runs are kept, or
    the list asks for none from before."""
    as_of: datetime


class HistoryEventsInput(CursorInput):
    """Which part of an execution's event history."""

    execution_id: UUID
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class HistoryEvents(Output):
    """Events in Temporal's own JSON, as `temporal workflow show --output json` writes them."""

    events: list[Any]
    next_cursor: str | None
    total: int
    """Events that are stored."""
    hidden: bool
    """The data of payloads was taken out (`watchglass-hidden` in their metadata): the person asking may not see it."""
