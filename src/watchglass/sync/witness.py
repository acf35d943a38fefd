"""Before an activity queue counts as left alone: do its workers have their hands full?

A worker that runs as many activities as it may asks for no more. That it is there shows in the runs whose activities
it took, and the copies of those may be half a minute old: so a few of them are asked about, the oldest ones, because
activities are handed out in about the order in which they were scheduled.
"""

import asyncio

from watchglass.model.connection import Connection
from watchglass.model.described import PENDING_ACTIVITY_SCHEDULED, Described
from watchglass.parse.describe import parse_described
from watchglass.store.patrols import OpenActivity, read_hides_runs, read_oldest_activities
from watchglass.store.task_queues import UsedQueue
from watchglass.sync.parts import Parts
from watchglass.sync.silence import SILENT_SECONDS
from watchglass.temporal.access import Access
from watchglass.temporal.describe import describe_run
from watchglass.temporal.errors import HistoryUnreadable, RunMissing

_ASKED = 6


async def is_worked_on(parts: Parts, access: Access, connection: Connection, queue: UsedQueue) -> bool:
    """Has one of the queue's oldest open activities begun, or ended since it was copied?

    Where activities may run that are not copied, nobody can tell, and a worker has until `SILENT_SECONDS`.
    """
    if (queue.quiet_seconds or 0) <= SILENT_SECONDS and await _is_partly_seen(parts, connection):
        return True
    async with parts.store.write() as reader:
        oldest = await read_oldest_activities(reader, connection, queue.name, limit=_ASKED)
    return any(await asyncio.gather(*(_has_begun(access, activity) for activity in oldest)))


async def _is_partly_seen(parts: Parts, connection: Connection) -> bool:
    if connection.scope:
        return True
    async with parts.store.write() as reader:
        return await read_hides_runs(reader, connection)


async def _has_begun(access: Access, activity: OpenActivity) -> bool:
    try:
        answer = await describe_run(access, activity.run.workflow_id, activity.run.run_id)
    except (RunMissing, HistoryUnreadable):
        return False
    return has_begun(parse_described(answer), activity.activity_id)


def has_begun(described: Described, activity_id: str) -> bool:
    """An activity that Describe does not know any more has ended."""
    pending = next((one for one in described.pending_activities if one.activity_id == activity_id), None)
    return pending is None or (pending.state != PENDING_ACTIVITY_SCHEDULED and not pending.paused)
