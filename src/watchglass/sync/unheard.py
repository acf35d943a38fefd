"""Whether what an activity answered went nowhere.

An answer that a server did not take, because it was away or had given the attempt up by then, is told to nobody: not to
the workflow, and not to the process that gave it. The server asks again, with another attempt.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import activity
from temporalio.service import RPCError, RPCStatusCode

_CALL = timedelta(seconds=2)


def answer_is_lost() -> Callable[[], Awaitable[bool]]:
    """A question to ask after the activity in whose context this is called: is another attempt asked, or its run gone?

    While the server does not answer it is not.
    """
    info = activity.info()
    assert info.workflow_id is not None
    handle = activity.client().get_workflow_handle(info.workflow_id, run_id=info.workflow_run_id)

    async def is_lost() -> bool:
        try:
            described = await handle.describe(rpc_timeout=_CALL)
        except RPCError as error:
            return error.status is RPCStatusCode.NOT_FOUND
        pending = described.raw_description.pending_activities
        return any(one.activity_id == info.activity_id and one.attempt > info.attempt for one in pending)

    return is_lost
