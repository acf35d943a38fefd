"""When an activity that is tried again and again counts as stuck."""

from dataclasses import replace

import pytest
from temporalio.api.common.v1 import ActivityType
from temporalio.api.enums.v1 import ApplicationErrorCategory
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from tests.parse.events import START, event

from watchglass.model.described import Described
from watchglass.model.execution import Execution
from watchglass.model.status import ExecutionStatus, Phase, Problem
from watchglass.parse.describe import parse_described
from watchglass.parse.history import parse_history

MINUTE = 60 * 1_000_000
SCHEDULED_AT = START * 1_000_000
STATE_SCHEDULED, STATE_STARTED, STATE_PAUSED = 1, 2, 4
HISTORY = [
    event(1, "WORKFLOW_EXECUTION_STARTED", at=0),
    event(2, "ACTIVITY_TASK_SCHEDULED", at=0, activity_id="1", activity_type=ActivityType(name="charge")),
]


def described(*, attempt: int, minutes: int, state: int = STATE_SCHEDULED, is_benign: bool = False) -> Described:
    """Describe's answer `minutes` after the activity was scheduled."""
    response = DescribeWorkflowExecutionResponse()
    response.workflow_execution_info.status = 1  # type: ignore[assignment]
    pending = response.pending_activities.add(activity_id="1", state=state, attempt=attempt)  # type: ignore[arg-type]
    pending.paused = state == STATE_PAUSED
    pending.last_failure.message = "the bank does not answer"
    pending.last_failure.application_failure_info.type = "BankSilent"
    if is_benign:
        benign = ApplicationErrorCategory.APPLICATION_ERROR_CATEGORY_BENIGN
        pending.last_failure.application_failure_info.category = benign
    return replace(parse_described(response), described_at=SCHEDULED_AT + minutes * MINUTE)


def seen(known: Described) -> Execution:
    return parse_history(HISTORY, described=known)


@pytest.mark.parametrize(
    ("attempt", "minutes"), [(11, 1), (3, 31), (200, 600)], ids=["often", "rarely, but for long", "both"]
)
def test_one_that_keeps_failing_is_stuck(attempt: int, minutes: int) -> None:
    execution = seen(described(attempt=attempt, minutes=minutes))
    assert (execution.problem, execution.phase) == (Problem.ACTIVITY_STUCK, Phase.STUCK)
    assert execution.problem_detail == (f"charge is at attempt {attempt}; the last error was: the bank does not answer")


@pytest.mark.parametrize(
    ("attempt", "minutes"), [(10, 29), (2, 600), (1, 6000)], ids=["young", "once", "a long first attempt"]
)
def test_one_that_may_still_mend_itself_is_not(attempt: int, minutes: int) -> None:
    assert seen(described(attempt=attempt, minutes=minutes)).problem is None


def test_an_attempt_under_way_does_not_hide_the_failures_before_it() -> None:
    assert seen(described(attempt=12, minutes=1, state=STATE_STARTED)).problem is Problem.ACTIVITY_STUCK


def test_a_failure_that_the_code_calls_benign_is_no_trouble() -> None:
    """So code asks again and again for something that is not there yet."""
    assert seen(described(attempt=500, minutes=600, is_benign=True)).problem is None


def test_one_that_somebody_paused_is_not_stuck() -> None:
    assert seen(described(attempt=50, minutes=600, state=STATE_PAUSED)).problem is None


def test_a_paused_run_has_no_stuck_activity() -> None:
    paused = replace(described(attempt=200, minutes=600), status=8)
    execution = seen(paused)
    assert (execution.status, execution.phase, execution.problem) == (ExecutionStatus.PAUSED, Phase.WAITING, None)
