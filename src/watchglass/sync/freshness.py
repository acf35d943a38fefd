"""When to look at a run again. Pure: values in, a moment out.

| the run is                              | look again                                                    |
|-----------------------------------------|---------------------------------------------------------------|
| closed and copied, or gone              | never                                                         |
| retrying an activity                    | just after the next attempt begins, to see each attempt's error |
| open, on the embedded server            | after 10 % of the time since its last event, 2 s to 5 min     |
| open, elsewhere                         | after 10 % of its age, at least 30 s                          |
| not copied, because the sync failed     | after 1 s, doubling to 5 min; ten tries, then set aside       |
| not copied, because Temporal was away   | after 5 s, however often                                      |
"""

from watchglass.model.described import Described
from watchglass.model.execution import Execution
from watchglass.model.status import ComponentStatus

SECOND = 1_000_000
"""Microseconds."""
TRIES_BEFORE_SET_ASIDE = 10
SET_ASIDE_RETRY_SECONDS = 24 * 3600.0
AWAY_RETRY_SECONDS = 5.0
"""Short, so that copies are fresh again within ten seconds of the server's return."""
MISSING_RETRY_SECONDS = 61.0
"""A run counts as gone when Temporal says so twice, a minute apart."""
FRESH_SECONDS = 5.0
STALE_SECONDS = 1.0
"""A page that asks for details older than this makes them synced first."""
GONE_CHECK_SECONDS = 3600.0
_AFTER_ATTEMPT = SECOND // 5
"""A new attempt needs a moment to fail; its error then stands until the attempt after it fails."""


def next_look(
    execution: Execution, described: Described | None, *, now: int, last_event_at: int | None, is_embedded: bool
) -> int | None:
    """When the run should be synced again; microseconds since 1970, None for never."""
    if not execution.status.is_open:
        return None
    if any(component.status is ComponentStatus.RETRYING for component in execution.components):
        return now + _until_next_attempt(described, now=now, is_embedded=is_embedded)
    quiet = max(now - (last_event_at or execution.started_at or now), 0)
    if is_embedded:
        return now + min(max(quiet // 10, 2 * SECOND), 300 * SECOND)
    age = max(now - (execution.started_at or now), 0)
    return now + max(age // 10, 30 * SECOND)


def _until_next_attempt(described: Described | None, *, now: int, is_embedded: bool) -> int:
    pending = described.pending_activities if described else ()
    starts = [a.next_attempt_at for a in pending if a.attempt > 1 and a.next_attempt_at and a.next_attempt_at > now]
    wait = min(starts, default=now) - now + _AFTER_ATTEMPT
    shortest = SECOND // 2 if is_embedded else 5 * SECOND
    return min(max(wait, shortest), 60 * SECOND)


def retry_seconds(failures: int) -> float:
    """How long to wait after the `failures`-th failed try in a row."""
    return float(min(2 ** max(failures - 1, 0), 300))
