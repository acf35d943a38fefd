"""A schedule: what starts runs of a workflow at set times, as Temporal tells of it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """A run that a schedule started."""

    workflow_id: str
    run_id: str
    due_at: datetime | None
    """When it was to start; None for a run that is known only because it still runs."""
    started_at: datetime | None
    """When it was started."""


@dataclass(frozen=True, slots=True)
class Counters:
    """What Temporal counts since the schedule was created."""

    actions: int
    """Runs that were started."""
    missed: int
    """Runs that came so late that the catch-up window was over, and were left out."""
    overlap_skipped: int
    """Runs that were left out because the one before still ran."""
    buffer_dropped: int
    """Runs that were left out because too many were waiting already."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One schedule at one moment."""

    schedule_id: str
    workflow_type: str
    words: str
    """When it runs: `every day at 02:00 UTC`."""
    spec: str
    """The same as Temporal has it, as JSON."""
    is_paused: bool
    note: str
    next_runs: tuple[datetime, ...]
    """Soonest first; empty when it will not run again."""
    last_runs: tuple[ScheduledRun, ...]
    """Newest first; Temporal tells the last ten, and those that still run."""


@dataclass(frozen=True, slots=True)
class DescribedSchedule(Schedule):
    """With what only a description of it tells."""

    workflow_id: str
    """What the ids of its runs begin with."""
    overlap: str
    """What happens when the run before still runs: `skip`, `buffer_one` …"""
    catchup_window_seconds: float
    """A run may start this much late; after a longer time away it is left out."""
    counters: Counters
    error: str
    """Why its specification cannot be followed; empty: it can."""
    created_at: datetime | None
    updated_at: datetime | None
