"""Which step brought a run down: the one that its failure names, never one that was handled."""

from temporalio.api.common.v1 import ActivityType
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from tests.parse.corpus import sample
from tests.parse.events import event

from watchglass.parse.file import read_history
from watchglass.parse.history import parse_history


def activity_failure(scheduled_event_id: int, words: str) -> Failure:
    made = Failure(message="Activity task failed", cause=own_failure(words))
    made.activity_failure_info.scheduled_event_id = scheduled_event_id
    return made


def own_failure(words: str) -> Failure:
    made = Failure(message=words)
    made.application_failure_info.type = "Error"
    return made


def failed_activity(first_id: int, name: str, words: str) -> list[HistoryEvent]:
    return [
        event(first_id, "ACTIVITY_TASK_SCHEDULED", activity_id=name, activity_type=ActivityType(name=name)),
        event(first_id + 1, "ACTIVITY_TASK_FAILED", scheduled_event_id=first_id, failure=own_failure(words)),
        event(first_id + 2, "WORKFLOW_TASK_COMPLETED"),
    ]


def failed_step(*events: HistoryEvent, failure: Failure) -> str | None:
    closing = event(99, "WORKFLOW_EXECUTION_FAILED", failure=failure)
    step = parse_history([event(1, "WORKFLOW_EXECUTION_STARTED"), *events, closing]).failed_step
    return step.node_id if step else None


FIRST, SECOND = failed_activity(2, "reserve", "sold out"), failed_activity(5, "charge", "declined")


class TestFailedStep:
    def test_is_the_one_that_the_failure_names(self) -> None:
        assert failed_step(*FIRST, *SECOND, failure=activity_failure(2, "sold out")) == "reserve"

    def test_is_the_one_with_the_same_words(self) -> None:
        assert failed_step(*FIRST, *SECOND, failure=own_failure("sold out")) == "reserve"

    def test_is_the_last_that_the_workflow_was_told_of(self) -> None:
        assert failed_step(*FIRST, *SECOND, failure=own_failure("order lost")) == "charge"

    def test_is_none_when_the_failure_was_handled_long_before(self) -> None:
        later = event(50, "WORKFLOW_TASK_COMPLETED")
        assert failed_step(*FIRST, *SECOND, later, failure=own_failure("order lost")) is None

    def test_is_none_when_only_the_workflows_own_code_failed(self) -> None:
        assert failed_step(failure=own_failure("bug")) is None

    def test_is_not_an_update_that_failed_with_the_run(self) -> None:
        found = sample("and_compensation/my-workflow-id__bfcaf94edc7e.json")
        assert parse_history(read_history(found.read())).failed_step is None

    def test_of_a_run_out_of_time_is_what_was_left_open(self) -> None:
        events = [
            event(1, "WORKFLOW_EXECUTION_STARTED"),
            event(2, "ACTIVITY_TASK_SCHEDULED", activity_id="1", activity_type=ActivityType(name="ship")),
            event(3, "TIMER_STARTED", timer_id="2"),
            event(4, "WORKFLOW_EXECUTION_TIMED_OUT"),
        ]
        step = parse_history(events).failed_step
        assert step is not None
        assert step.node_id == "ship"
