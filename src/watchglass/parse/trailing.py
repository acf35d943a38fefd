"""Which events of a running history may be kept.

While a workflow task retries, the server appends workflow-task events that it later replaces by others with
the same ids. They say nothing that Describe does not say, so the tail of workflow-task events is never
kept.
"""

from collections.abc import Sequence

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

_TRANSIENT = frozenset({EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED})


def durable_prefix(events: Sequence[HistoryEvent]) -> Sequence[HistoryEvent]:
    """The events without those at the end that may still be replaced."""
    end = len(events)
    while end and events[end - 1].event_type in _TRANSIENT:
        end -= 1
    return events if end == len(events) else events[:end]


def same_event(stored: HistoryEvent, fetched: HistoryEvent) -> bool:
    """Is it still the event that was stored? When not, history was rewritten and all of it is fetched
    again."""
    return (
        stored.event_id == fetched.event_id
        and stored.event_type == fetched.event_type
        and stored.version == fetched.version
        and stored.event_time == fetched.event_time
    )
