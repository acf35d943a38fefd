"""One Temporal run, as its history and Describe tell it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from watchglass.model.chain import Origin, Versioning
from watchglass.model.component import Component, Values
from watchglass.model.failure import Failure
from watchglass.model.journal import BuiltRun, Journaled
from watchglass.model.status import ExecutionStatus, Phase, Problem


@dataclass(frozen=True, slots=True)
class RunRef:
    """What Temporal calls a run: both ids together."""

    workflow_id: str
    run_id: str


@dataclass(frozen=True, slots=True)
class Caller:
    """The Nexus operation that started the run."""

    namespace: str
    ref: RunRef
    event_id: int | None
    """Of the event that scheduled the operation; None where the link does not say."""


@dataclass(frozen=True, slots=True)
class LifecycleEvent:
    """Something that happened to the run itself rather than inside it."""

    event_id: int
    type: str
    """started | cancel_requested | terminated | paused | unpaused | reset | options_updated |
    workflow_task_failed | workflow_task_timed_out | continued_as_new | carried_on | completed | failed |
    timed_out | cancelled."""
    at: int | None
    by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The run's own limits in milliseconds; None means none was set."""

    execution_ms: float | None = None
    run_ms: float | None = None
    task_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A component execution named in one line: where the run is, or where it failed."""

    event_id: int
    node_id: str
    display_name: str
    attempt: int | None
    is_paused: bool = False
    """Somebody paused the step, so nothing goes on there until it is resumed."""


@dataclass(frozen=True, slots=True)
class Execution:
    ref: RunRef
    type: str
    status: ExecutionStatus
    phase: Phase | None
    problem: Problem | None
    problem_detail: str | None
    """The problem as one sentence for people."""
    started_at: int | None
    """Microseconds since 1970, UTC. So are the other times."""
    closed_at: int | None
    duration_ms: float | None
    task_queue: str
    input: Values | None
    result: Values | None
    failure: Failure | None
    parent: RunRef | None
    root: RunRef | None
    first_run_id: str | None
    """The chain: every run that continues another carries the first one's run id."""
    continued_from: str | None
    continued_to: str | None
    """Run id of the next run: continue-as-new, workflow retry, or cron."""
    is_retried: bool
    """Closed with an error, but Temporal's own workflow retry or cron carries it on."""
    superseded_by: str | None
    """Run id of the run that a reset put in this one's place."""
    schedule_id: str | None
    attempt: int
    build_id: str | None
    timeouts: Timeouts
    memo: Mapping[str, bytes]
    """Serialised `Payload` by key."""
    search_attributes: Mapping[str, bytes]
    """Serialised `Payload` by name; its metadata names the type."""
    lifecycle: tuple[LifecycleEvent, ...]
    components: tuple[Component, ...]
    current_step: Step | None
    failed_step: Step | None
    last_event_id: int
    """The newest event the values were made from."""
    event_count: int
    unknown_events: Mapping[int, int] = field(default_factory=dict)
    """How many events of types that this version does not know, by type number."""
    origin: Origin | None = None
    """How the run came to be; None when the history does not hold its start."""
    reset_from: str | None = None
    """Run id of the run that was reset to make this one."""
    stopped_by_reset: bool = False
    """Temporal stopped it because a run of its workflow id was reset: this one, or one before it in its chain."""
    deployment: str | None = None
    """The worker deployment that `build_id` is a version of; None for workers that are not versioned."""
    versioning: Versioning | None = None
    called_by: Caller | None = None
    """The Nexus operation that started the run."""
    built: BuiltRun | None = None
    """The version of a built workflow that it says it runs."""
    journal: tuple[Journaled, ...] = ()
    """What its control nodes did, in the order in which they wrote it down."""
