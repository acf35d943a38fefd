"""Whether workers take from the task queues that an open run waits on: what the patrol saw, else a question to the
server."""

from collections.abc import Sequence
from dataclasses import replace

from watchglass.model.connection import Connection
from watchglass.model.described import Described
from watchglass.model.execution import Execution
from watchglass.store.moments import micros
from watchglass.store.task_queues import CheckedQueue, QueueKind, UsedQueue, read_checked_queue
from watchglass.sync.parts import Parts
from watchglass.sync.silence import is_taken_from
from watchglass.sync.waiting import task_waits, waiting_activities
from watchglass.temporal.access import Access
from watchglass.temporal.describe import ACTIVITY_TASKS, WORKFLOW_TASKS, read_polls

TASK_KINDS = {QueueKind.WORKFLOW: WORKFLOW_TASKS, QueueKind.ACTIVITY: ACTIVITY_TASKS}
SEEN_SECONDS = 45.0
"""What the patrol saw of a queue counts this long; thousands of runs may wait on one."""
_QUEUES_ASKED = 3
"""Of one run, in one sync: each is a call that counts against what the namespace allows."""


async def add_pollers(
    parts: Parts, access: Access, connection: Connection, execution: Execution, described: Described
) -> Described:
    """`described`, with whether workers take from the queues that the run waits on."""
    silent: list[CheckedQueue] = []
    if task_waits(described):
        own = await _check(parts, access, connection, described.task_queue, QueueKind.WORKFLOW)
        described = replace(described, has_pollers=own.is_polled)
        silent += [] if own.is_polled else [own]
    waiting = waiting_activities(described)
    queues = {
        unit.task_queue
        for unit in execution.components
        if unit.task_queue and unit.status.is_open and dict(unit.ref).get("activityId") in waiting
    }
    checked = [
        await _check(parts, access, connection, queue, QueueKind.ACTIVITY) for queue in sorted(queues)[:_QUEUES_ASKED]
    ]
    unpolled = [queue for queue in checked if not queue.is_polled]
    return replace(
        described,
        unpolled_queues=frozenset(queue.name for queue in unpolled),
        last_polls=_last_polls(silent + unpolled),
    )


def _last_polls(queues: Sequence[CheckedQueue]) -> dict[str, int]:
    moments = ((queue.name, micros(queue.newest_poll_at)) for queue in queues)
    return {name: moment for name, moment in moments if moment is not None}


async def _check(parts: Parts, access: Access, connection: Connection, name: str, kind: QueueKind) -> CheckedQueue:
    async with parts.store.write() as reader:
        seen = await read_checked_queue(reader, connection, name, kind, younger_than=SEEN_SECONDS)
    if seen is not None:
        return seen
    polls = await read_polls(access, name, TASK_KINDS[kind])
    # Nobody has looked whether the workers of its activities have their hands full: those get the benefit of doubt.
    queue = UsedQueue(name, kind, None, None, is_busy=kind is QueueKind.ACTIVITY)
    return CheckedQueue(name, kind, is_taken_from(queue, polls), polls.newest_at)
