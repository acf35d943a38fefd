"""Whether workers ask the task queues that an open run waits on: what the patrol saw, else a question to the server."""

from dataclasses import replace

from watchglass.model.connection import Connection
from watchglass.model.described import Described
from watchglass.model.execution import Execution
from watchglass.store.task_queues import QueueKind, read_is_polled
from watchglass.sync.parts import Parts
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
    """`described`, with whether the queues that the run waits on are polled."""
    if task_waits(described):
        polled = await _is_polled(parts, access, connection, described.task_queue, QueueKind.WORKFLOW)
        described = replace(described, has_pollers=polled)
    waiting = waiting_activities(described)
    queues = {
        unit.task_queue
        for unit in execution.components
        if unit.task_queue and unit.status.is_open and dict(unit.ref).get("activityId") in waiting
    }
    silent = [
        queue
        for queue in sorted(queues)[:_QUEUES_ASKED]
        if not await _is_polled(parts, access, connection, queue, QueueKind.ACTIVITY)
    ]
    return replace(described, unpolled_queues=frozenset(silent))


async def _is_polled(parts: Parts, access: Access, connection: Connection, queue: str, kind: QueueKind) -> bool:
    async with parts.store.write() as reader:
        seen = await read_is_polled(reader, connection, queue, kind, younger_than=SEEN_SECONDS)
    if seen is not None:
        return seen
    return (await read_polls(access, queue, TASK_KINDS[kind])).is_polled
