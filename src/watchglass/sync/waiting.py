"""What of a run waits for a worker, by Describe's word. Pure."""

from watchglass.model.described import (
    PENDING_ACTIVITY_SCHEDULED,
    PENDING_WORKFLOW_TASK_SCHEDULED,
    Described,
    PendingActivity,
)
from watchglass.sync.freshness import SECOND

_IDLE = 5 * SECOND
"""A task that waits longer than this would have been taken by a worker that had nothing else to do."""


def task_waits(described: Described) -> bool:
    """The workflow task has waited longer than a worker would let it."""
    task = described.pending_workflow_task
    if task is None or task.state != PENDING_WORKFLOW_TASK_SCHEDULED:
        return False
    return _is_idle(described, task.scheduled_at)


def waiting_activities(described: Described) -> frozenset[str]:
    """The ids of activities whose attempt could have begun and has not; none that only backs off."""
    return frozenset(
        pending.activity_id for pending in described.pending_activities if _activity_waits(described, pending)
    )


def _activity_waits(described: Described, pending: PendingActivity) -> bool:
    # While an activity backs off, the moment it is to be handed out lies ahead.
    is_scheduled = pending.state == PENDING_ACTIVITY_SCHEDULED and not pending.paused
    return is_scheduled and _is_idle(described, pending.next_attempt_at or pending.scheduled_at)


def _is_idle(described: Described, since: int | None) -> bool:
    return since is not None and (described.described_at or 0) - since > _IDLE
