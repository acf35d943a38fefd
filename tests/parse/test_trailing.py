from tests.parse.events import event

from watchglass.parse.trailing import durable_prefix, same_event

STARTED = event(1, "WORKFLOW_EXECUTION_STARTED")
SCHEDULED = event(2, "WORKFLOW_TASK_SCHEDULED")
TAKEN = event(3, "WORKFLOW_TASK_STARTED")
FAILED = event(4, "WORKFLOW_TASK_FAILED")


class TestDurablePrefix:
    def test_drops_the_tail_of_workflow_tasks(self) -> None:
        assert durable_prefix([STARTED, SCHEDULED, TAKEN]) == [STARTED]

    def test_keeps_tasks_that_something_follows(self) -> None:
        events = [STARTED, SCHEDULED, TAKEN, FAILED]
        assert durable_prefix(events) is events

    def test_of_nothing_is_nothing(self) -> None:
        assert durable_prefix([]) == []


class TestSameEvent:
    def test_is_the_same_by_id_type_time_and_version(self) -> None:
        assert same_event(SCHEDULED, event(2, "WORKFLOW_TASK_SCHEDULED"))

    def test_differs_when_one_of_them_does(self) -> None:
        newer = event(2, "WORKFLOW_TASK_SCHEDULED")
        newer.version = 3
        others = [newer, event(2, "WORKFLOW_EXECUTION_SIGNALED"), event(2, "WORKFLOW_TASK_SCHEDULED", at=9)]
        assert not any(same_event(SCHEDULED, other) for other in others)
