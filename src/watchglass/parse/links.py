"""Links that events carry to runs of other namespaces."""

from collections.abc import Iterable

from temporalio.api.common.v1 import Link
from temporalio.api.enums.v1 import EventType

from watchglass.model.execution import Caller, RunRef


def caller_in(links: Iterable[Link]) -> Caller | None:
    """The operation that a start event names as what started it; None when it names none."""
    for link in links:
        event = link.workflow_event
        if event.event_ref.event_type == EventType.EVENT_TYPE_NEXUS_OPERATION_SCHEDULED and event.run_id:
            return Caller(event.namespace, RunRef(event.workflow_id, event.run_id), event.event_ref.event_id or None)
    return None


def handler_in(links: Iterable[Link]) -> tuple[tuple[str, str], ...]:
    """The run that an operation was given to, as a unit's ref: empty when no link names one."""
    for link in links:
        event = link.workflow_event
        if event.run_id:
            return (
                ("handlerNamespace", event.namespace),
                ("handlerWorkflowId", event.workflow_id),
                ("handlerRunId", event.run_id),
            )
    return ()
