"""Executions: one Temporal run each, as a list shows them and as their own page does."""

from datetime import datetime
from typing import Literal

from watchglass.api.shapes.base import Output, RecordedAt
from watchglass.api.shapes.failure import Failure
from watchglass.api.shapes.payload import Payload, SearchAttribute
from watchglass.model.chain import Origin, Versioning
from watchglass.model.status import (
    ComponentStatus,
    DetailState,
    ExecutionStatus,
    Phase,
    Problem,
    SyncStatus,
)


class CurrentStep(Output):
    """What a run is doing."""

    event_id: int
    display_name: str
    attempt: int | None
    is_paused: bool
    """Nothing goes on there until somebody resumes it."""


class FailedStep(Output):
    """Where a run failed."""

    event_id: int
    node_id: str
    display_name: str


class ExecutionSummary(Output):
    """One line of a list of executions."""

    id: str
    workflow_id: str
    """The workflow's id in Watchglass."""
    workflow_name: str
    version: int | None
    """Which version of a built workflow ran; null for observed ones."""
    temporal_workflow_id: str
    temporal_run_id: str
    status: ExecutionStatus
    phase: Phase | None
    """What an open run is doing."""
    problem: Problem | None
    """Why an open run will not get further by itself."""
    problem_detail: str | None
    """The problem as one sentence."""
    problem_since: datetime | None
    """When this problem was first seen."""
    started_at: RecordedAt
    closed_at: datetime | None
    duration_ms: float | None
    """Of a closed run."""
    task_queue: str
    component_count: int
    failed_component_count: int
    retry_count: int
    unexpected_retry_count: int
    """Retries of units whose verdict is `unexpected`."""
    unexpected_failure_count: int
    """Units whose verdict is `unexpected`, also those that failed without any retry."""
    error_message: str | None
    error_type: str | None
    current_or_failed_step: str | None
    """Display name of the step that failed, else of the one that the run is at."""
    current_step: CurrentStep | None
    failed_step: FailedStep | None
    step_statuses: list[ComponentStatus]
    """The first 24 steps, in event order."""
    detail_state: DetailState
    sync_status: SyncStatus
    synced_at: datetime | None


class LifecycleEvent(Output):
    """Something that happened to the run itself."""

    event_id: int
    type: str
    """started, cancel_requested, terminated, paused, unpaused, reset, workflow_task_failed …"""
    at: datetime | None
    by: str | None
    """The identity that Temporal recorded."""
    reason: str | None


class RunLink(Output):
    """Another run that this one belongs to."""

    execution_id: str | None
    """Null while Watchglass has not copied it."""
    temporal_workflow_id: str
    temporal_run_id: str


class CallerLink(RunLink):
    """The Nexus operation that started a run."""

    namespace: str
    event_id: int | None
    """Of the step in that run."""


class HandlerLink(RunLink):
    """The run that a Nexus operation was given to."""

    namespace: str


class ChainLink(Output):
    """Another run of the same chain: continue-as-new, retry, cron or reset."""

    relation: Literal["first", "previous", "next", "replacement"]
    """`replacement`: the run that a reset put in this one's place."""
    execution_id: str | None
    temporal_run_id: str
    status: ExecutionStatus | None
    """Null while Watchglass has not copied it."""
    started_at: datetime | None


class RunTimeouts(Output):
    """The run's own limits; null means none was set."""

    execution_ms: float | None
    run_ms: float | None
    task_ms: float | None


class ExecutionDetails(ExecutionSummary):
    """Everything about one execution but its components."""

    project_id: str
    connection_id: str
    namespace: str
    input: list[Payload] | None
    """Up to 64 KiB of text each; `execution.getExecutionValues` has the whole. So for `result`."""
    result: list[Payload] | None
    failure: Failure | None
    lifecycle: list[LifecycleEvent]
    memo: dict[str, Payload]
    search_attributes: dict[str, SearchAttribute]
    parent: RunLink | None
    root: RunLink | None
    """The outermost ancestor; null for a run that has no parent."""
    chain: list[ChainLink]
    """Empty for a run that stands alone."""
    is_retried: bool
    """It closed with an error, but Temporal carries it on (workflow retry or cron)."""
    superseded_by: str | None
    """Run id of the run that a reset put in this one's place."""
    schedule_id: str | None
    attempt: int
    build_id: str | None
    """The build of the worker that worked on it last."""
    deployment: str | None
    """The worker deployment that the build is a version of; null for workers that are not versioned."""
    versioning: Versioning | None
    """What happens to the run when its deployment gets a new version."""
    origin: Origin | None
    """How the run came to be; null until its history is copied."""
    stopped_by_reset: bool
    """Temporal stopped it because a run of its workflow id was reset: not an error."""
    called_by: CallerLink | None
    """The Nexus operation, mostly of another namespace, that started the run."""
    timeouts: RunTimeouts
    history_length: int
    history_bytes: int
    unknown_event_count: int
    """Events of types that this version does not know; kept, not shown as steps."""
    codec_address: str | None
    """URL of the connection's codec server, which can decode what `isEncoded` and `encoded` mark."""
    decode_error: str | None
    """Why values that are to be decoded while they are copied are still encoded, as a sentence."""
    temporal_url: str | None
    """The run's page in the Temporal UI, when the connection knows its address."""
