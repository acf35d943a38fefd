"""Names and messages of Watchglass's own workflows. Imports no driver: workflows run in the SDK's sandbox."""

from dataclasses import dataclass, field

SYSTEM_QUEUE = "system-workflows-queue"
COORDINATOR = "sync-coordinator"
SYNC_EXECUTION = "sync-execution"
SYNC_BATCH = "sync-batch"
FOLLOW_EXECUTION = "follow-execution"
SYSTEM_TYPES = (COORDINATOR, SYNC_EXECUTION, SYNC_BATCH, FOLLOW_EXECUTION)


@dataclass(frozen=True)
class Key:
    """One execution, as ids that travel in messages."""

    project_id: str
    execution_id: str


@dataclass(frozen=True)
class SyncResult:
    """What a child tells the coordinator: counts and ids, never data."""

    synced: bool
    changed: bool
    error: str | None = None
    is_retrying: bool = False
    is_under_way: bool = False
    """Not synced by this request: a sync of the same execution had begun already."""


@dataclass(frozen=True)
class Due:
    """Work that a coordinator took from the queue."""

    keys: list[Key] = field(default_factory=list)
    alone: list[Key] = field(default_factory=list)
    """Executions whose sync has failed before: each gets a child of its own."""


@dataclass(frozen=True)
class Stuck:
    """Taken from the queue, with a child in its way that may be stuck."""

    key: Key
    until: float
    """Until when the child is waited for, by `workflow.time()`; then the execution is synced beside it."""


@dataclass(frozen=True)
class CoordinatorState:
    """All that a coordinator carries over when it continues as new; the queue itself is in the database."""

    connection_id: str
    enqueued: list[Key] = field(default_factory=list)
    """Asked for by signal and not handed to a child yet."""
    stuck: list[Stuck] = field(default_factory=list)


@dataclass(frozen=True)
class BatchResult:
    synced: int
    failed: list[Key] = field(default_factory=list)
    """Split out: each is tried again by a child of its own."""
