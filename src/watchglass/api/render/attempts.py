"""The attempts of one unit, from the first: seen live, recorded, or known only to have happened."""

from collections.abc import Sequence

from watchglass.api.render.failure import render_failure
from watchglass.api.render.times import time_of
from watchglass.api.shapes.component import Attempt
from watchglass.model.attempt import Attempt as AttemptValue
from watchglass.model.attempt import AttemptSource
from watchglass.model.component import Component
from watchglass.model.status import ComponentKind, ComponentStatus

MAX_ATTEMPTS = 1000
"""A step that retries for ever has any number of attempts; only the newest are told one by one."""
_BETWEEN = frozenset({ComponentStatus.PENDING, ComponentStatus.RETRYING})


def attempts_of(component: Component, observed: Sequence[AttemptValue] = ()) -> list[AttemptValue]:
    """Observed attempts in order of appearance; the last one and gaps come from the component itself.

    Attempts that nobody recorded are named `not_recorded`; nothing about them is invented.
    """
    if not component.attempt:
        return list(observed)
    last = [_last(component)] if _has_begun(component) else []
    newest = component.attempt if last else component.attempt - 1
    if any(attempt.number > newest for attempt in observed):
        # The activity was reset: its count began again, so numbers no longer name attempts.
        return [*observed, *last]
    seen = {attempt.number: attempt for attempt in observed}
    before = [
        seen.get(number) or _unseen(component, number)
        for number in range(max(component.attempt - MAX_ATTEMPTS, 1), component.attempt)
    ]
    return [*before, *(_completed(attempt, seen.get(attempt.number)) for attempt in last)]


def render_attempts(component: Component, observed: Sequence[AttemptValue] = ()) -> list[Attempt]:
    return [render_attempt(attempt) for attempt in attempts_of(component, observed)]


def render_attempt(value: AttemptValue) -> Attempt:
    return Attempt(
        number=value.number,
        started_at=time_of(value.started_at),
        ended_at=time_of(value.ended_at),
        failure=render_failure(value.failure),
        source=value.source,
    )


def _has_begun(component: Component) -> bool:
    """Between two attempts, and before the first, Temporal already counts the attempt that is to come."""
    if component.status in _BETWEEN:
        return False
    return component.status is not ComponentStatus.PAUSED or component.started_at is not None


def _last(component: Component) -> AttemptValue:
    return AttemptValue(
        number=component.attempt or 1,
        started_at=component.started_at,
        ended_at=component.completed_at,
        failure=component.failure,
        source=_source(component),
    )


def _unseen(component: Component, number: int) -> AttemptValue:
    """Kept is the failure of the last attempt but one; of the others nothing."""
    is_previous = component.attempt is not None and number == component.attempt - 1
    failure = component.previous_failure if is_previous else None
    source = _source(component) if failure else AttemptSource.NOT_RECORDED
    return AttemptValue(number=number, started_at=None, ended_at=None, failure=failure, source=source)


def _source(component: Component) -> AttemptSource:
    """An activity's attempts enter the history when it ends; until then only Describe tells of them."""
    is_open_activity = component.kind is ComponentKind.ACTIVITY and component.status.is_open
    return AttemptSource.OBSERVED if is_open_activity else AttemptSource.RECORDED


def _completed(last: AttemptValue, observed: AttemptValue | None) -> AttemptValue:
    """The last attempt as recorded; as observed while its end is not recorded yet."""
    return observed if observed is not None and last.ended_at is None else last
