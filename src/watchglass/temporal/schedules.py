"""The schedules of a namespace.

Raw requests, because the SDK's own wrappers raise on a specification or an action that they do not know and one
schedule would then hide a whole page.
"""

from collections.abc import AsyncIterator, Sequence

from temporalio.api.schedule.v1 import ScheduleListEntry
from temporalio.api.workflowservice.v1 import DescribeScheduleRequest, DescribeScheduleResponse, ListSchedulesRequest

from watchglass.temporal.access import Access, CallKind

PAGE_SCHEDULES = 1000


async def list_schedules(
    access: Access, *, page_size: int = PAGE_SCHEDULES
) -> AsyncIterator[Sequence[ScheduleListEntry]]:
    """Yield pages of the namespace's schedules.

    Raises:
        NotOffered: servers before 1.17 have none; TemporalRefused: the credentials do not show them.
    """
    request = ListSchedulesRequest(namespace=access.namespace, maximum_page_size=page_size)
    while True:
        answer = await access.ask(
            CallKind.VISIBILITY,
            access.service.list_schedules,
            request,
            subject=f"the schedules of namespace {access.namespace!r}",
        )
        yield answer.schedules
        if not answer.next_page_token:
            return
        request.next_page_token = answer.next_page_token


async def describe_schedule(access: Access, schedule_id: str) -> DescribeScheduleResponse:
    """Raises RunMissing when there is none (any more)."""
    return await access.ask(
        CallKind.HISTORY,
        access.service.describe_schedule,
        DescribeScheduleRequest(namespace=access.namespace, schedule_id=schedule_id),
        subject=f"schedule {schedule_id!r}",
    )
