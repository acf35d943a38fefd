"""The chain of an execution: the runs that carry each other on, as one story."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import CursorInput, Output, RecordedAt
from watchglass.model.chain import Origin
from watchglass.model.status import DetailState, ExecutionStatus, Phase, Problem


class ChainInput(CursorInput):
    """Whose chain, and which part of it."""

    execution_id: UUID
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    order: Literal["desc", "asc"] = "desc"
    """`desc`: the newest run first."""


class ChainRun(Output):
    """One run of a chain."""

    number: int
    """Place in the chain, from 1, in order of start; of the runs that are known."""
    execution_id: str
    temporal_run_id: str
    origin: Origin | None
    """How it came to be; null until its history is copied."""
    from_run_id: str | None
    """The run that it carried on, or that was reset to make it."""
    from_execution_id: str | None
    """Null when Watchglass does not have that run."""
    is_missing_before: bool
    """The run before it is not known: Temporal deleted it before anybody looked, or it is still to be found."""
    status: ExecutionStatus
    phase: Phase | None
    problem: Problem | None
    started_at: RecordedAt
    closed_at: datetime | None
    duration_ms: float | None
    component_count: int
    failed_component_count: int
    retry_count: int
    unexpected_retry_count: int
    error_type: str | None
    error_message: str | None
    detail_state: DetailState
    is_gone: bool
    """Temporal no longer has it; what was copied stays."""
    is_replaced: bool
    """A reset put another run in its place, or stopped it for one."""


class ChainFigures(Output):
    """Of all known runs of the chain together."""

    total_runs: int
    open_runs: int
    failed_runs: int
    """Failed, timed out or terminated."""
    carried_on_runs: int
    """Runs that began because the one before continued as new; so for the three below."""
    retried_runs: int
    cron_runs: int
    reset_runs: int
    total_components: int
    total_duration_ms: float
    """The closed runs' durations added up."""
    first_started_at: datetime
    last_closed_at: datetime | None
    uncopied_runs: int
    """Known by name, their history not copied."""
    gone_runs: int
    """No longer in Temporal."""
    missing_places: int
    """Places where the run before is not known."""
    has_first: bool
    """False: the chain began before the first run that is known, so numbers count from there."""


class ExecutionChain(Output):
    """One page of the chain that an execution belongs to."""

    items: list[ChainRun]
    next_cursor: str | None
    number: int
    """The place of the execution that was asked for."""
    previous_execution_id: str | None
    next_execution_id: str | None
    figures: ChainFigures
    as_of: datetime
