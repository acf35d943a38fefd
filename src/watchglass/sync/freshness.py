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

from collections.abc import Sequence

from watchglass.model.component import Component
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
WATCHED_SECONDS = 30.0
"""A run is followed for this long after somebody looked at it."""
WATCH_NOTED_SECONDS = 10.0
"""That somebody looks is noted at most this often."""
LOOK_SECONDS_EMBEDDED = 0.5
LOOK_SECONDS = 0.8
"""Between two looks at what no event tells, while somebody watches."""
QUIET_LOOK_SECONDS = 15.0
"""The same while there is nothing that could change without an event."""
NEWS_PAUSE_SECONDS = 0.2
FOLLOWED_SYNC_SECONDS = 30.0
"""A followed run is synced at least this often, whatever was or was not noticed."""
FOLLOWED_GRACE_SECONDS = 15.0
"""A run that its follower has not synced for so long after it should have is due for everybody."""
_AFTER_ATTEMPT = SECOND // 5
"""A new attempt needs a moment to fail; its error then stands until the attempt after it fails."""
_UNKNOWN_BACK_OFF = 30 * SECOND
_LONGEST_LOOK = 60 * SECOND


def next_look(execution: Execution, *, now: int, last_event_at: int | None, is_embedded: bool) -> int | None:
    """When the run should be synced again; microseconds since 1970, None for never."""
    if not execution.status.is_open:
        return None
    retried = retrying_units(execution)
    if retried:
        return now + _until_next_attempt(retried, now=now, is_embedded=is_embedded)
    quiet = max(now - (last_event_at or execution.started_at or now), 0)
    if is_embedded:
        return now + min(max(quiet // 10, 2 * SECOND), 300 * SECOND)
    age = max(now - (execution.started_at or now), 0)
    return now + max(age // 10, 30 * SECOND)


def retrying_units(execution: Execution) -> list[Component]:
    """Units at a later attempt than the first, whether it runs or is waited for."""
    if not execution.status.is_open:
        return []
    return [
        unit
        for unit in execution.components
        if unit.status in _MAY_RETRY and unit.attempt is not None and unit.attempt > 1
    ]


_MAY_RETRY = frozenset({ComponentStatus.RETRYING, ComponentStatus.RUNNING, ComponentStatus.PENDING})


def _until_next_attempt(units: Sequence[Component], *, now: int, is_embedded: bool) -> int:
    shortest = SECOND // 2 if is_embedded else 5 * SECOND
    return min(max(min(_until_look(unit, now) for unit in units), shortest), _LONGEST_LOOK)


def _until_look(unit: Component, now: int) -> int:
    """Until the next attempt has begun; of one that runs, no longer than the back-off after it lasts."""
    if unit.next_attempt_at is not None and unit.next_attempt_at > now:
        return unit.next_attempt_at - now + _AFTER_ATTEMPT
    policy, attempt = unit.policy, unit.attempt or 1
    if policy is None:
        return _UNKNOWN_BACK_OFF
    longest = policy.maximum_interval_ms or _LONGEST_LOOK / 1000
    # The exponent is kept where a float can hold the power: back-offs have reached their maximum long before.
    interval = policy.initial_interval_ms * policy.backoff_coefficient ** min(attempt - 1, 60)
    return int(min(interval, longest) * 1000)


def retry_seconds(failures: int) -> float:
    """How long to wait after the `failures`-th failed try in a row."""
    return float(min(2 ** max(failures - 1, 0), 300))
