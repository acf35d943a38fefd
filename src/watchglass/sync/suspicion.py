"""Does Describe show of an open run what its copy does not? Pure: two views in, an answer out.

The history says when a run gets further. What keeps it from getting further stands in Describe alone: a workflow task
that fails again adds no event, and neither does an activity that is retried, or a task that nobody takes.
"""

from collections.abc import Set

from watchglass.model.described import PENDING_ACTIVITY_SCHEDULED, PENDING_ACTIVITY_STARTED, Described
from watchglass.model.status import ExecutionStatus, Problem
from watchglass.parse.outlook import NEAR_LIMIT_BYTES, NEAR_LIMIT_EVENTS, is_stuck
from watchglass.parse.status import listed_status
from watchglass.store.patrols import CopiedRun
from watchglass.store.task_queues import QueueKind
from watchglass.sync.waiting import task_waits, waiting_activities

_FAILING_ATTEMPT = 2
"""A workflow task that is tried more often than this fails for a reason that stays."""


def shows_more(described: Described, copied: CopiedRun, silent: Set[tuple[str, QueueKind]]) -> bool:
    """`silent` are the task queues that no worker takes work from."""
    return (
        described.history_length > copied.history_length
        or _has_changed(listed_status(described.status), copied.status)
        or (_retrying(described) > 0 and copied.retrying == 0)
        or _paused(described) != copied.paused
        or _started(described) > copied.running
        or visible_problem(described, copied.activity_queues, silent) is not copied.problem
    )


def _has_changed(seen: ExecutionStatus, copied: ExecutionStatus) -> bool:
    """A run that is pending to the copy is running to Describe: only an end or a pause is news."""
    return not seen.is_open or (seen is ExecutionStatus.PAUSED) != (copied is ExecutionStatus.PAUSED)


def _retrying(described: Described) -> int:
    return sum(
        pending.attempt > 1 and pending.state == PENDING_ACTIVITY_SCHEDULED and not pending.paused
        for pending in described.pending_activities
    )


def _started(described: Described) -> int:
    """No event tells that an activity has begun, until it ends."""
    return sum(
        pending.state == PENDING_ACTIVITY_STARTED and not pending.paused for pending in described.pending_activities
    )


def _paused(described: Described) -> int:
    return sum(pending.paused for pending in described.pending_activities)


def visible_problem(
    described: Described, activity_queues: Set[str], silent: Set[tuple[str, QueueKind]]
) -> Problem | None:
    """The problem that Describe alone shows, the most pressing first, as a sync would name it."""
    is_paused = listed_status(described.status) is ExecutionStatus.PAUSED
    return (None if is_paused else _hindrance(described, activity_queues, silent)) or _near_limit(described)


def _hindrance(described: Described, activity_queues: Set[str], silent: Set[tuple[str, QueueKind]]) -> Problem | None:
    task = described.pending_workflow_task
    if task_waits(described) and (described.task_queue, QueueKind.WORKFLOW) in silent:
        return Problem.NO_WORKER
    if task is not None and task.attempt > _FAILING_ATTEMPT:
        return Problem.WORKFLOW_TASK_FAILING
    if waiting_activities(described) and any((queue, QueueKind.ACTIVITY) in silent for queue in activity_queues):
        return Problem.NO_WORKER
    # Describe does not say since when an activity fails; one that is retried is synced every minute anyway.
    if any(
        is_stuck(pending.attempt, failing_for=0, is_benign=pending.is_benign) and not pending.paused
        for pending in described.pending_activities
    ):
        return Problem.ACTIVITY_STUCK
    return None


def _near_limit(described: Described) -> Problem | None:
    if described.history_length >= NEAR_LIMIT_EVENTS or described.history_bytes >= NEAR_LIMIT_BYTES:
        return Problem.HISTORY_NEAR_LIMIT
    return None
