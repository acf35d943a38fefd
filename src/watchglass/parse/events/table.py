"""Every handler by event type number."""

from watchglass.parse.events import activity, child, local_activity, nexus, run, signal, task, timer, update
from watchglass.parse.events.handler import Handler

HANDLERS: dict[int, Handler] = {
    **run.HANDLERS,
    **task.HANDLERS,
    **activity.HANDLERS,
    **local_activity.HANDLERS,
    **child.HANDLERS,
    **timer.HANDLERS,
    **signal.HANDLERS,
    **update.HANDLERS,
    **nexus.HANDLERS,
}
