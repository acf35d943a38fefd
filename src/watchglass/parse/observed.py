"""What Describe says about open units laid over what the history says: attempt, status, last error,
heartbeat.

The overlay makes new components; the fold keeps only what events said, so an older Describe leaves no trace.
"""

from collections.abc import Iterable
from dataclasses import replace

from watchglass.model.component import Clocks, Component
from watchglass.model.described import (
    PENDING_ACTIVITY_PAUSE_REQUESTED,
    PENDING_ACTIVITY_PAUSED,
    PENDING_ACTIVITY_SCHEDULED,
    Described,
    PendingActivity,
    PendingNexusOperation,
)
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.parse.clock import work_clocks
from watchglass.parse.retry import Facts, judge

_PAUSED = frozenset({PENDING_ACTIVITY_PAUSED, PENDING_ACTIVITY_PAUSE_REQUESTED})


def overlay(components: Iterable[Component], described: Described) -> tuple[Component, ...]:
    """The components, with what Describe knows about those that are open."""
    activities = {pending.activity_id: pending for pending in described.pending_activities}
    operations = {pending.scheduled_event_id: pending for pending in described.pending_nexus_operations}
    if not activities and not operations:
        return tuple(components)
    return tuple(_seen(component, activities, operations) for component in components)


def _seen(
    component: Component,
    activities: dict[str, PendingActivity],
    operations: dict[int, PendingNexusOperation],
) -> Component:
    if not component.status.is_open:
        return component
    if component.kind is ComponentKind.ACTIVITY:
        pending = activities.get(component.ref[0][1])
        return component if pending is None else _activity(component, pending)
    if component.kind is ComponentKind.NEXUS_OPERATION and component.event_id in operations:
        return _nexus(component, operations[component.event_id])
    return component


def _activity(component: Component, pending: PendingActivity) -> Component:
    status = _activity_status(pending)
    attempt = pending.attempt or None
    started_at = pending.last_started_at
    policy = pending.policy or component.policy
    failure = pending.last_failure or component.previous_failure
    return replace(
        component,
        status=status,
        attempt=attempt,
        started_at=started_at,
        clocks=_open_clocks(component.scheduled_at, started_at, attempt),
        previous_failure=failure,
        heartbeat=pending.heartbeat,
        last_heartbeat_at=pending.last_heartbeat_at,
        next_attempt_at=pending.next_attempt_at if status is ComponentStatus.RETRYING else None,
        worker=pending.worker,
        policy=policy,
        task_queue=pending.task_queue or component.task_queue,
        pause=pending.pause if status is ComponentStatus.PAUSED else None,
        reason=judge(Facts(component.kind, status, attempt, policy, choice=component.choice, previous_failure=failure)),
    )


def _activity_status(pending: PendingActivity) -> ComponentStatus:
    if pending.paused or pending.state in _PAUSED:
        return ComponentStatus.PAUSED
    if pending.state == PENDING_ACTIVITY_SCHEDULED:
        return ComponentStatus.RETRYING if pending.attempt > 1 else ComponentStatus.PENDING
    return ComponentStatus.RUNNING


def _open_clocks(scheduled: int | None, started: int | None, attempt: int | None) -> Clocks:
    return work_clocks(scheduled, started, None, attempt)


def _nexus(component: Component, pending: PendingNexusOperation) -> Component:
    retried = pending.attempt > 1 and component.started_at is None
    return replace(
        component,
        status=ComponentStatus.RETRYING if retried else component.status,
        attempt=pending.attempt or None,
        previous_failure=pending.last_failure,
        next_attempt_at=pending.next_attempt_at if retried else None,
    )
