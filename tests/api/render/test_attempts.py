"""Which attempts of a unit are told, and where each is known from."""

from watchglass.api.render.attempts import attempts_of
from watchglass.api.render.component import render_component
from watchglass.model.attempt import Attempt, AttemptSource
from watchglass.model.component import Clocks, Component
from watchglass.model.failure import Failure
from watchglass.model.status import ComponentKind, ComponentStatus

DECLINED = Failure("application", "CardDeclined", "The card was declined.", "", False, None)


def unit(status: ComponentStatus, *, attempt: int, started_at: int | None = None) -> Component:
    return Component(
        event_id=5,
        last_event_id=5,
        node_id="charge",
        occurrence=1,
        name="charge",
        display_name="charge",
        kind=ComponentKind.ACTIVITY,
        status=status,
        scheduled_at=1,
        started_at=started_at,
        completed_at=None if status.is_open else 9,
        clocks=Clocks(None, None, None, None, None, False),
        attempt=attempt,
        reason=None,
        previous_failure=DECLINED,
    )


def test_in_back_off_the_attempt_to_come_is_not_told() -> None:
    seen = Attempt(1, 2, 3, DECLINED, AttemptSource.OBSERVED)
    told = attempts_of(unit(ComponentStatus.RETRYING, attempt=3), [seen])
    assert [(attempt.number, attempt.failure) for attempt in told] == [(1, DECLINED), (2, DECLINED)]
    assert told[1].source is AttemptSource.OBSERVED


def test_before_its_first_attempt_a_unit_has_none() -> None:
    assert attempts_of(unit(ComponentStatus.PENDING, attempt=1)) == []


def test_a_running_attempt_is_observed_and_one_that_ended_is_recorded() -> None:
    [running] = attempts_of(unit(ComponentStatus.RUNNING, attempt=1, started_at=4))
    assert (running.started_at, running.source) == (4, AttemptSource.OBSERVED)
    [ended] = attempts_of(unit(ComponentStatus.COMPLETED, attempt=1, started_at=4))
    assert (ended.ended_at, ended.source) == (9, AttemptSource.RECORDED)


def test_after_a_reset_every_attempt_seen_stays() -> None:
    seen = [Attempt(number, 2, 3, DECLINED, AttemptSource.OBSERVED) for number in (1, 2)]
    assert attempts_of(unit(ComponentStatus.RETRYING, attempt=2), seen) == seen


def test_a_line_shows_the_last_error_while_the_unit_is_open_and_none_once_it_is_done() -> None:
    retrying = render_component(unit(ComponentStatus.RETRYING, attempt=3), execution_id=None)
    assert (retrying.error_type, retrying.error_message) == ("CardDeclined", "The card was declined.")
    done = render_component(unit(ComponentStatus.COMPLETED, attempt=3, started_at=4), execution_id=None)
    assert (done.error_type, done.error_message) == (None, None)
