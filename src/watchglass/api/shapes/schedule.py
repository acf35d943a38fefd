"""What starts runs at set times."""

from datetime import datetime
from uuid import UUID

from watchglass.api.shapes.base import Input, Output
from watchglass.model.status import ExecutionStatus


class ScheduleIdInput(Input):
    """Names one schedule by the id that `schedule.list` gives."""

    schedule_id: UUID


class ScheduledRun(Output):
    """A run that a schedule started."""

    temporal_workflow_id: str
    temporal_run_id: str
    due_at: datetime | None
    """When it was to start; null for one that is known only because it still runs."""
    started_at: datetime | None
    execution_id: str | None
    """Null while it is not in the project: not copied yet, outside the scope, or deleted before it was seen."""
    status: ExecutionStatus | None


class Schedule(Output):
    """A schedule as Temporal last told of it."""

    id: str
    project_id: str
    connection_id: str
    namespace: str
    schedule_id: str
    workflow_type: str
    temporal_workflow_id: str | None
    """What the ids of its runs begin with; null, like the fields and counts that say so, before it was described."""
    words: str
    """When it runs: `every day at 02:00 UTC`."""
    spec: str
    """The same as Temporal's own JSON."""
    overlap: str | None
    """What happens when the run before still runs: `skip`, `buffer_one`, `buffer_all`, `cancel_other`,
    `terminate_other`, `allow_all`. Null before it was described."""
    catchup_window_seconds: float | None
    """A run may start this much late. Null before it was described."""
    paused: bool
    note: str
    next_run_at: datetime | None
    next_runs: list[datetime]
    """Soonest first; empty when it will not run again."""
    last_run: ScheduledRun | None
    """The one that was due last."""
    last_runs: list[ScheduledRun]
    """Newest first: the last ten, and those that still run."""
    late: bool
    """Its next run was due more than a minute before Temporal was last asked, and it is not paused."""
    action_count: int | None
    """Runs that it started since it was created. Null before it was described, like the other counts."""
    missed_count: int | None
    overlap_skipped_count: int | None
    buffer_dropped_count: int | None
    warnings: list[str]
    """What is wrong with it, a sentence each."""
    created_at: datetime | None
    updated_at: datetime | None
    seen_at: datetime
    """When Temporal last listed it."""
    gone_at: datetime | None
    """When Temporal was found to have deleted it."""


class ScheduleSource(Output):
    """A connection, and how its schedules are known."""

    connection_id: str
    namespace: str
    scope: str
    """Not empty: only schedules are shown of whose last runs one is in the project."""
    listed_at: datetime | None
    """Null before the first look."""
    refusal: str | None
    """Why they cannot be listed, as a sentence."""


class Schedules(Output):
    """Of one project: the soonest next run first, then what is paused or over, then what was deleted; at most 1,000."""

    items: list[Schedule]
    sources: list[ScheduleSource]
    has_more: bool
