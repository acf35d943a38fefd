"""What the coordinator's settings promise together."""

from datetime import timedelta

from watchglass.sync.workflows import _FOR_EVER, _HEARTBEAT


def test_the_work_of_a_worker_that_died_is_taken_up_within_ten_seconds() -> None:
    """It is missed after a heartbeat's time; then the activity waits for its next attempt, the tenth like the first."""
    assert _FOR_EVER.maximum_interval is not None
    assert _HEARTBEAT + _FOR_EVER.maximum_interval < timedelta(seconds=10)
