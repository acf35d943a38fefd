"""Times as whole microseconds, and where a unit's time went.

Event times are not monotonic in event id (9 s backwards were seen), so every difference is clamped at zero
and says so. Conversion is by integers: `ToDatetime` costs five times as much and would be paid three times
per unit.
"""

from typing import cast

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.component import Clocks
from watchglass.parse.twin import twin_of

NOTHING = Clocks()
_OpenClocks = twin_of(Clocks)


def micros(moment: Timestamp) -> int | None:
    """Microseconds since 1970; None for an absent time, and for the year 1 that Go writes for "never"."""
    total = moment.seconds * 1_000_000 + moment.nanos // 1000
    return total if total > 0 else None


def time_of(event: HistoryEvent) -> int | None:
    moment = event.event_time
    total = moment.seconds * 1_000_000 + moment.nanos // 1000
    return total if total > 0 else None


def millis(span: Duration) -> float:
    return span.seconds * 1000.0 + span.nanos / 1_000_000


def millis_or_none(span: Duration) -> float | None:
    """Milliseconds; None for the zero that means "not set"."""
    return millis(span) or None


def between(start: int | None, end: int | None) -> float | None:
    """Milliseconds from start to end, never below zero; None when either is unknown."""
    if start is None or end is None:
        return None
    return max(end - start, 0) / 1000


def work_clocks(scheduled: int | None, started: int | None, ended: int | None, attempt: int | None) -> Clocks:
    """Clocks of a unit that waits for somebody, then is worked on; the parts sum to the duration.

    A start outside [scheduled, ended] comes from another machine's clock: it is moved to the nearer end.
    """
    if scheduled is None:
        return NOTHING
    skew = ended is not None and ended < scheduled
    end = scheduled if ended is not None and skew else ended
    if started is None:
        return Clocks(None if end is None else (end - scheduled) / 1000, None, None, None, None, skew)
    start = started
    if start < scheduled:
        start, skew = scheduled, True
    elif end is not None and start > end:
        start, skew = end, True
    before = (start - scheduled) / 1000
    first = attempt is None or attempt <= 1
    made = _OpenClocks()
    made.duration_ms = None if end is None else (end - scheduled) / 1000
    made.queue_ms = before if first else None
    made.execution_ms = None if end is None else (end - start) / 1000
    made.retry_ms = None if first else before
    made.waiting_ms = None
    made.skew = skew
    made.__class__ = Clocks
    return cast(Clocks, made)


def waiting_clocks(started: int | None, ended: int | None) -> Clocks:
    """Clocks of a timer: all of its time is waiting."""
    waited = between(started, ended)
    skew = started is not None and ended is not None and ended < started
    return Clocks(waited, None, None, None, waited, skew)
