"""A run's history, page by page, in either direction."""

from collections.abc import AsyncIterator, Sequence

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import HistoryEventFilterType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    GetWorkflowExecutionHistoryRequest,
    GetWorkflowExecutionHistoryReverseRequest,
)

from watchglass.model.execution import RunRef
from watchglass.temporal.access import Access, CallKind
from watchglass.temporal.errors import NotOffered

PAGE_EVENTS = 1000
HISTORY_SECONDS = 5.0
WAIT_SECONDS = 40.0
"""Servers answer a request that waits for news after 20 s at the latest (`history.longPollExpirationInterval`)."""


async def read_forward(
    access: Access, ref: RunRef, *, has_closed: bool = False
) -> AsyncIterator[Sequence[HistoryEvent]]:
    """Yield all events, oldest first, a page at a time. The last page may end in events that do not last.

    `has_closed` is for a run that is known to have ended.
    """
    request = GetWorkflowExecutionHistoryRequest(
        namespace=access.namespace,
        execution=_execution(ref),
        maximum_page_size=PAGE_EVENTS,
        # Servers give plain reads of histories precedence over workers that poll (replays wait for them), and reads
        # that wait for news come after. Of a run that has ended there is no news, so this one returns at once too.
        wait_new_event=has_closed and not access.is_urgent,
    )
    while True:
        answer = await access.ask(
            CallKind.HISTORY,
            access.service.get_workflow_execution_history,
            request,
            subject=_subject(ref),
            seconds=HISTORY_SECONDS,
        )
        token = answer.next_page_token
        yield answer.history.events
        del answer  # It may be tens of megabytes, and the next one is on its way.
        if not token:
            return
        request.next_page_token = token


async def read_back_to(access: Access, ref: RunRef, event_id: int) -> list[HistoryEvent]:
    """Return the events from `event_id` (included) to the newest, oldest first.

    Reads from the newest event backwards, so that one new event on a long history costs one call. The first event
    returned has an id of at most `event_id`; when the server no longer has that event, the list starts later.
    """
    try:
        return await _read_reverse(access, ref, event_id)
    except NotOffered:
        # Servers before 1.18 know one direction.
        return [event async for page in read_forward(access, ref) for event in page if event.event_id >= event_id]


async def _read_reverse(access: Access, ref: RunRef, event_id: int) -> list[HistoryEvent]:
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=access.namespace, execution=_execution(ref), maximum_page_size=PAGE_EVENTS
    )
    newest_first: list[HistoryEvent] = []
    while True:
        answer = await access.ask(
            CallKind.HISTORY,
            access.service.get_workflow_execution_history_reverse,
            request,
            subject=_subject(ref),
            seconds=HISTORY_SECONDS,
        )
        for event in answer.history.events:
            newest_first.append(event)
            if event.event_id <= event_id:
                return newest_first[::-1]
        if not answer.next_page_token:
            return newest_first[::-1]
        request.next_page_token = answer.next_page_token


async def wait_for_news(access: Access, ref: RunRef, token: bytes | None) -> bytes | None:
    """Return when the run has a new event, or after some 20 s without one.

    Returns the token to wait on with next time; None when the run has closed. Without a token it returns at the close
    alone, or with a token that stands behind the newest event: waiting for every event from the start would make the
    server hand out the whole history first.
    """
    kinds = HistoryEventFilterType
    request = GetWorkflowExecutionHistoryRequest(
        namespace=access.namespace,
        execution=_execution(ref),
        maximum_page_size=PAGE_EVENTS,
        wait_new_event=True,
        next_page_token=token or b"",
        history_event_filter_type=kinds.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT
        if token
        else kinds.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
    )
    answer = await access.ask(
        CallKind.HISTORY,
        access.service.get_workflow_execution_history,
        request,
        subject=_subject(ref),
        seconds=WAIT_SECONDS,
    )
    return answer.next_page_token or None


def _execution(ref: RunRef) -> WorkflowExecution:
    return WorkflowExecution(workflow_id=ref.workflow_id, run_id=ref.run_id)


def _subject(ref: RunRef) -> str:
    return f"the history of {ref.workflow_id!r} (run {ref.run_id})"
