"""Does a worker take work from a task queue? Pure: what a server says of the queue in, an answer out.

| what is seen                                                                      | a worker takes work |
|-----------------------------------------------------------------------------------|---------------------|
| nobody has asked for as long as the server remembers                              | no                  |
| an activity of the queue runs: its worker may be too busy to ask for more         | yes                 |
| a task has waited for 20 s, and none was handed out meanwhile                     | no                  |
| somebody asked since we last looked, or not longer ago than a question stays open | yes                 |
| else                                                                              | no                  |

A worker's question for work stays open for up to a minute, and a server names who asked for minutes after: a list of
workers alone tells late that one has left. A task that waits tells it at once, because a worker with nothing else to do
takes it within moments.
"""

from watchglass.store.task_queues import UsedQueue
from watchglass.temporal.describe import Backlog, Polls

WAIT_SECONDS = 20.0
"""A task that waits longer would have been taken by a worker that is there: a run's own worker has its next task for
itself for the first 5 to 10 s."""
SILENT_SECONDS = 90.0
"""A worker's question for work stays open for up to 60 s: one that has not asked for longer than this is gone."""


def is_taken_from(queue: UsedQueue, polls: Polls) -> bool:
    """Moments of the server's clock are only compared with each other, because ours may be an hour off."""
    if not polls.is_polled:
        return False
    if queue.is_busy:
        return True
    if is_left_waiting(polls.backlog):
        return False
    if queue.quiet_seconds is None or polls.newest_at != queue.newest_poll_at:
        return True
    return queue.quiet_seconds <= SILENT_SECONDS


def is_stirred(polls: Polls) -> bool:
    """Have tasks come into the queue or gone from it in the last half a minute? Yes where the server counts none."""
    backlog = polls.backlog
    return backlog is None or backlog.is_added or backlog.is_handed_out


def is_left_waiting(backlog: Backlog | None) -> bool:
    """A task waits for longer than it should, and no other one was taken before it."""
    return (
        backlog is not None
        and backlog.waits_seconds > WAIT_SECONDS
        and not backlog.is_handed_out
        and not backlog.is_held_back
    )
