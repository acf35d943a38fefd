"""Whether a worker takes work from a queue, case by case."""

from datetime import UTC, datetime

import pytest

from watchglass.store.task_queues import QueueKind, UsedQueue
from watchglass.sync.silence import SILENT_SECONDS, WAIT_SECONDS, is_taken_from
from watchglass.temporal.describe import Backlog, Polls

THEN = datetime(2026, 11, 22, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 0, 1, tzinfo=UTC)
LEFT = Backlog(WAIT_SECONDS + 1, is_added=False, is_handed_out=False, is_held_back=False)


def queue(quiet_seconds: float | None = 1, *, is_busy: bool = False) -> UsedQueue:
    return UsedQueue("orders", QueueKind.ACTIVITY, THEN, quiet_seconds, is_busy)


def test_not_where_the_server_knows_of_nobody() -> None:
    assert not is_taken_from(queue(), Polls(False, None))
    assert not is_taken_from(queue(is_busy=True), Polls(False, None))


class TestWithoutCountsOfWhatWaits:
    def test_a_queue_that_was_just_asked(self) -> None:
        assert is_taken_from(queue(1), Polls(True, THEN))
        assert is_taken_from(queue(None), Polls(True, THEN))

    def test_not_when_the_last_question_is_too_old(self) -> None:
        assert is_taken_from(queue(SILENT_SECONDS), Polls(True, THEN))
        assert not is_taken_from(queue(SILENT_SECONDS + 1), Polls(True, THEN))

    def test_one_that_was_asked_again(self) -> None:
        assert is_taken_from(queue(1000), Polls(True, LATER))

    def test_a_worker_may_be_too_busy_to_ask(self) -> None:
        assert is_taken_from(queue(200, is_busy=True), Polls(True, THEN))


class TestWhatWaits:
    def test_nobody_is_there_when_a_task_waits_and_none_is_handed_out(self) -> None:
        assert not is_taken_from(queue(1), Polls(True, THEN, LEFT))
        assert not is_taken_from(queue(None), Polls(True, THEN, LEFT))

    @pytest.mark.parametrize(
        "backlog",
        [
            Backlog(0, is_added=False, is_handed_out=False, is_held_back=False),
            Backlog(WAIT_SECONDS, is_added=False, is_handed_out=False, is_held_back=False),
            Backlog(1000, is_added=False, is_handed_out=True, is_held_back=False),
            Backlog(1000, is_added=False, is_handed_out=False, is_held_back=True),
        ],
        ids=["nothing waits", "not for long", "others are taken first", "somebody limits the rate"],
    )
    def test_that_alone_tells(self, backlog: Backlog) -> None:
        assert is_taken_from(queue(), Polls(True, THEN, backlog))

    def test_a_busy_worker_lets_tasks_wait(self) -> None:
        assert is_taken_from(queue(is_busy=True), Polls(True, THEN, LEFT))

    def test_the_age_of_the_last_question_still_counts(self) -> None:
        nothing_waits = Backlog(0, is_added=False, is_handed_out=False, is_held_back=False)
        assert not is_taken_from(queue(SILENT_SECONDS + 1), Polls(True, THEN, nothing_waits))
