"""The parts of a statistics page: figures over time, by component, by workflow, by task queue, and what they mean."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import model_validator

from watchglass.api.shapes.base import Output
from watchglass.api.shapes.statistics import ComponentCoverage, Kept, VersionFilter, Window
from watchglass.model.status import ComponentKind


class FiguresInput(Window):
    """Whose figures, of which time, and of which runs."""

    workflow_id: UUID | None = None
    project_id: UUID | None = None
    version: VersionFilter | None = None
    """Only runs of this version."""

    @model_validator(mode="after")
    def _is_of_one(self) -> Self:
        if (self.workflow_id is None) == (self.project_id is None):
            raise ValueError("Give either `workflowId` or `projectId`.")
        return self


class TimelineInput(FiguresInput):
    """Whose figures over time."""

    step: Literal["minute", "hour", "day", "week", "month"] | None = None
    """How long a bucket is; absent: as suits the window."""


class TimelineBucket(Output):
    """The runs that started in `start` ≤ t < `end`."""

    start: datetime
    end: datetime
    total_runs: int
    running_runs: int
    completed_runs: int
    failed_runs: int
    timed_out_runs: int
    terminated_runs: int
    cancelled_runs: int
    continued_as_new_runs: int
    unknown_runs: int
    error_count: int
    success_rate: float | None
    avg_duration_ms: float | None
    p50_duration_ms: float | None
    p95_duration_ms: float | None
    p99_duration_ms: float | None
    duration_count: int


class Mark(Output):
    """Where the first run of a version started."""

    at: datetime
    label: str


class Timeline(Output):
    """Figures over time. Every bucket of the window is there, also those without a run."""

    step: Literal["minute", "hour", "day", "week", "month"]
    every: int
    """How many steps a bucket spans: 3 hours, 2 minutes."""
    time_zone: str
    percentile_error: float
    """How far a percentile may lie from the exact one, as a share of it; 0: they are exact."""
    buckets: list[TimelineBucket]
    """The first and the last may be shorter than the others, where the window cuts them."""
    marks: list[Mark]
    """Versions of a workflow that ran for the first time in the window, at most twenty."""
    kept: Kept | None
    """Null: all runs of the window are kept."""


class ComponentsInput(FiguresInput):
    """Whose components."""

    by_node: bool = False
    """One line a node of the drawing instead of one a component."""


class Clock(Output):
    """One of the times of a component's steps; null where the history told it of none of them."""

    count: int
    """How many steps it is known of."""
    avg_ms: float | None
    min_ms: float | None
    max_ms: float | None
    p50_ms: float | None
    p95_ms: float | None


class Clocks(Output):
    """Where the time of steps went."""

    queue: Clock
    execution: Clock
    retry: Clock
    waiting: Clock
    duration: Clock
    """All of them together."""


class StepFigures(Output):
    """How some steps did."""

    count: int
    completed_count: int
    failed_count: int
    failure_rate: float | None
    retries_expected: int
    retries_unexpected: int
    retries_unknown: int
    unexpected_failures: int
    clocks: Clocks
    share_of_time: float | None
    """Of the time that all components took, 0 to 1."""


class ComponentLine(StepFigures):
    """How one component did, or one node of a drawing."""

    kind: ComponentKind
    name: str
    display_name: str
    """What the catalogue calls it; its name where that says nothing."""
    node_id: str | None
    """Null unless lines are by node."""


class ComponentLines(Output):
    """How each component did, the one with most steps first."""

    items: list[ComponentLine]
    """At most five hundred."""
    other: StepFigures | None
    """All beyond those together."""
    coverage: ComponentCoverage
    percentile_error: float


class Bin(Output):
    """Runs that took `fromMs` ≤ d < `toMs`."""

    from_ms: float
    to_ms: float
    count: int


class Distribution(Output):
    """How the durations of closed runs are spread."""

    bins: list[Bin]
    """Without a gap, at most forty; each is longer than the one before by the same factor, roughly."""
    count: int
    percentile_error: float


class VersionLine(Output):
    """The runs of one version: of a built workflow by its number, of an observed one by what its workers said."""

    version: int | None
    deployment: str | None
    """Worker deployment; null where there is none, and where `version` says it."""
    build_id: str | None
    """Null where no worker said one, and where `version` says it."""
    label: str
    """Empty where no version is known."""
    total_runs: int
    error_count: int
    success_rate: float | None
    duration_count: int
    avg_duration_ms: float | None
    p50_duration_ms: float | None
    p95_duration_ms: float | None
    first_run_at: datetime
    last_run_at: datetime


class VersionLines(Output):
    """The same runs split by version, the one that ran last first."""

    items: list[VersionLine]
    """At most fifty."""
    other: int
    """How many more versions there are."""
    percentile_error: float


class ProjectFiguresInput(Window):
    """Which project's figures."""

    project_id: UUID


class WorkflowLine(Output):
    """One workflow of a project in the window."""

    workflow_id: str
    name: str
    kind: Literal["built", "observed"]
    total_runs: int
    error_count: int
    success_rate: float | None
    avg_duration_ms: float | None
    p95_duration_ms: float | None
    duration_count: int
    last_run_at: datetime | None
    """The last that started in the window."""
    spark: list[int]
    """Runs in each of twenty-four parts of the window: equal ones, but that long ones begin with a whole day, hour or
    minute in UTC.
    """
    spark_errors: list[int]


class WorkflowLines(Output):
    """A project's workflows, the one with most runs first."""

    items: list[WorkflowLine]
    """At most five hundred; those that did not run are among them."""
    other: int
    """How many more workflows there are."""
    start: datetime | None
    """Of the sparklines; null where nothing ran."""
    end: datetime
    percentile_error: float


class QueueClock(Output):
    """How long steps waited for a worker; null where no step's wait is known."""

    count: int
    avg_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    max_ms: float | None


class TaskQueueLine(Output):
    """One task queue."""

    task_queue: str
    runs: int
    """Runs that were started on it."""
    steps: int
    """Steps that were put into it."""
    queue: QueueClock


class TaskQueueLines(Output):
    """A project's task queues, the busiest first."""

    items: list[TaskQueueLine]
    """At most five hundred."""
    percentile_error: float


class Definition(Output):
    """What a figure means."""

    name: str
    """As the API calls it."""
    of: Literal["runs", "components"]
    """What it is a figure of."""
    label: str
    unit: Literal["runs", "steps", "retries", "share", "ms", "name"]
    formula: str
    excludes: str
    """What is left out; empty where nothing is."""
    sql: str
    """The same, over `workflow_executions e` or `component_executions c`."""


class Definitions(Output):
    """What every figure means."""

    items: list[Definition]
