"""Figures of a workflow and of a project. No number where nothing was counted: null, never 0 % or NaN."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from watchglass.api.shapes.base import Input, Output
from watchglass.api.shapes.execution import ExecutionSummary
from watchglass.errors import InvalidInput
from watchglass.model.status import ComponentKind
from watchglass.statistics.buckets import time_zone


def _known_time_zone(name: str) -> str:
    try:
        time_zone(name)
    except InvalidInput as error:
        raise ValueError(error.message) from error
    return name


class StartedIn(Input):
    """Executions that started in `from` ≤ t < `to`; an absent end is open."""

    from_: AwareDatetime | None = Field(default=None, alias="from")
    to: AwareDatetime | None = None

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.from_ and self.to and self.from_ > self.to:
            raise ValueError("The window ends before it begins: `from` must not be after `to`.")
        return self


class Window(StartedIn):
    """Executions that started in `from` ≤ t < `to`; an absent end is open."""

    time_zone: Annotated[str, AfterValidator(_known_time_zone), Field(max_length=100)] = "UTC"
    """IANA name of the time zone whose days and hours count."""
    top_level: bool = False
    """Leave out executions that are children of others."""


class VersionFilter(Input):
    """One version: of a built workflow by its number, of an observed one by what its workers said of themselves."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    deployment: Annotated[str, Field(max_length=1000)] | None = None
    """Worker deployment; an empty text: of none."""
    build_id: Annotated[str, Field(max_length=1000)] | None = None
    """An empty text: runs of no known build."""

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        by_workers = self.deployment is not None or self.build_id is not None
        if (self.version is not None) == by_workers:
            raise ValueError("Give either `version`, or `deployment` and `buildId`.")
        return self


class WorkflowStatisticsInput(Window):
    """Whose figures, and of which time."""

    workflow_id: UUID
    version: VersionFilter | None = None
    """Only runs of this version."""


class ProjectStatisticsInput(Window):
    """Whose figures, and of which time."""

    project_id: UUID


class NamedCount(Output):
    """A name and how often it was used."""

    name: str
    count: int


class MostUsedComponent(NamedCount):
    """The component with most steps."""

    kind: ComponentKind


class ComponentUse(Output):
    """How one component did."""

    kind: ComponentKind
    name: str
    count: int
    failed_count: int
    avg_duration_ms: float | None


class ComponentCoverage(Output):
    """How many of the executions the component figures cover."""

    detailed: int
    total: int


class Kept(Output):
    """Where the runs of a window were removed, and only figures of whole days are left of them."""

    rows_from: datetime
    """Figures of runs that started before are by whole days, in UTC; lists hold only those that are kept."""
    is_moved: bool
    """An end of the window was moved to that of its day."""
    from_: datetime | None = Field(serialization_alias="from")
    """Where the window begins that the figures are of."""
    to: datetime | None


class Interval(Output):
    """Where a rate lies with 95 % certainty, by Wilson's score: wide where it is of few runs."""

    low: float
    high: float


class BuildFigures(Output):
    """The runs of one version of the workers, by the version that last worked on them."""

    build_id: str | None
    """Null where no worker has taken the run yet, or its workers name no build."""
    deployment: str | None
    """The worker deployment that it is a version of; null for workers that are not versioned."""
    is_rest: bool
    """All the versions beyond the fifty that ran last, added up: `buildId` and `deployment` say nothing then."""
    builds: int
    """How many versions the line is of."""
    total_runs: int
    error_count: int
    success_rate: float | None
    avg_duration_ms: float | None
    p95_duration_ms: float | None
    first_run_at: datetime
    last_run_at: datetime


class WorkflowStatistics(Output):
    """A workflow's figures; the status counts sum to `totalRuns`."""

    total_runs: int
    running_runs: int
    """Pending, running and paused."""
    completed_runs: int
    failed_runs: int
    cancelled_runs: int
    terminated_runs: int
    timed_out_runs: int
    continued_as_new_runs: int
    unknown_runs: int
    retried_runs: int
    """Ended with an error, but carried on by Temporal's own retry or cron; not counted as errors."""
    success_rate: float | None
    """completed / (completed + failed + timed out + terminated)."""
    success_rate_interval: Interval | None
    error_count: int
    """Failed, timed out or terminated."""
    avg_duration_ms: float | None
    min_duration_ms: float | None
    max_duration_ms: float | None
    p50_duration_ms: float | None
    p95_duration_ms: float | None
    p99_duration_ms: float | None
    duration_count: int
    """How many runs the durations are of."""
    percentile_error: float
    """How far a percentile may lie from the exact one, as a share of it; 0: they are exact."""
    most_used_component: MostUsedComponent | None
    components: list[ComponentUse]
    by_build: list[BuildFigures]
    """The same runs, split by version of the workers; the version that ran last comes first."""
    recent_executions: list[ExecutionSummary]
    """The ten that started last."""
    component_coverage: ComponentCoverage
    last_run_at: datetime | None
    last_error_at: datetime | None
    kept: Kept | None
    """Null: all runs of the window are kept."""
    as_of: datetime


class MostUsedWorkflow(Output):
    """The workflow with most executions."""

    id: str
    name: str
    count: int


class LongRun(Output):
    """An execution that took, or takes, long."""

    execution_id: str
    workflow_id: str
    workflow_name: str
    duration_ms: float


class ProjectStatistics(Output):
    """A project's figures."""

    total_workflows: int
    active_workflows: int
    """Workflows with at least one execution in the window."""
    total_executions: int
    running_executions: int
    success_rate: float | None
    success_rate_interval: Interval | None
    avg_duration_ms: float | None
    duration_count: int
    """How many executions the average is of."""
    percentile_error: float
    """How far a percentile may lie from the exact one, as a share of it; 0: they are exact."""
    total_errors: int
    most_used_task_queue: NamedCount | None
    most_used_workflow: MostUsedWorkflow | None
    most_used_component: MostUsedComponent | None
    longest_run: LongRun | None
    """The longest closed one."""
    longest_running: LongRun | None
    """The longest of those still open; its duration is so far."""
    component_coverage: ComponentCoverage
    last_execution_at: datetime | None
    checked_at: datetime | None
    """When the stored figures were compared with the executions last; null: the first time is still to come."""
    kept: Kept | None
    """Null: all runs of the window are kept."""
    as_of: datetime
