from dataclasses import replace
from typing import Any

import pytest

from watchglass.model.component import Clocks, Component
from watchglass.model.failure import Failure
from watchglass.model.policy import SERVER_DEFAULT, RetryPolicy
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.model.verdict import Reason
from watchglass.parse.retry import Facts, explain, judge

FIVE = RetryPolicy(1000, 2, None, 5, ("CardError",))
ONE = RetryPolicy(1000, 2, None, 1)
CARD = Failure("application", "CardError", "declined", "", False, None)
FINAL = Failure("application", "Other", "no", "", True, None)
OTHER = Failure("application", "Other", "no", "", False, None)

CASES = [
    # status, attempt, policy, retry state, timeout, failure, reason
    ("completed", 1, FIVE, None, None, None, None),
    ("completed", 3, FIVE, None, None, None, Reason.WITHIN_POLICY),
    ("completed", 3, SERVER_DEFAULT, None, None, None, Reason.DEFAULT_POLICY),
    ("completed", 3, None, None, None, None, Reason.POLICY_NOT_RECORDED),
    ("retrying", 3, FIVE, None, None, None, Reason.WITHIN_POLICY),
    ("running", None, FIVE, None, None, None, Reason.ATTEMPTS_NOT_RECORDED),
    ("failed", 5, FIVE, "MAXIMUM_ATTEMPTS_REACHED", None, OTHER, Reason.EXHAUSTED),
    ("failed", 1, ONE, "MAXIMUM_ATTEMPTS_REACHED", None, OTHER, Reason.NO_POLICY),
    ("failed", 1, None, "RETRY_POLICY_NOT_SET", None, OTHER, Reason.NO_POLICY),
    ("failed", 2, FIVE, "NON_RETRYABLE_FAILURE", None, CARD, Reason.NON_RETRYABLE),
    ("failed", 1, SERVER_DEFAULT, "TIMEOUT", None, OTHER, Reason.TIMEOUT),
    ("timed_out", None, FIVE, "TIMEOUT", "SCHEDULE_TO_START", None, Reason.TIMEOUT),
    ("timed_out", None, FIVE, "NON_RETRYABLE_FAILURE", "SCHEDULE_TO_CLOSE", None, Reason.TIMEOUT),
    ("timed_out", None, FIVE, None, "SCHEDULE_TO_START", None, Reason.ATTEMPTS_NOT_RECORDED),
    # An old server says nothing: then the policy decides.
    ("failed", 1, ONE, None, None, OTHER, Reason.NO_POLICY),
    ("failed", 2, FIVE, None, None, CARD, Reason.NON_RETRYABLE),
    ("failed", 2, FIVE, None, None, FINAL, Reason.NON_RETRYABLE),
    ("failed", 5, FIVE, None, None, OTHER, Reason.EXHAUSTED),
    ("failed", 2, None, None, None, OTHER, Reason.POLICY_NOT_RECORDED),
    ("cancelled", 2, FIVE, None, None, None, Reason.CANCELLED),
]


@pytest.mark.parametrize("case", CASES)
def test_reason_of_an_activity(case: tuple[Any, ...]) -> None:
    status, *facts, reason = case
    assert judge(Facts(ComponentKind.ACTIVITY, ComponentStatus(status), *facts)) is reason


@pytest.mark.parametrize(
    ("kind", "status", "attempt", "reason"),
    [
        ("local_activity", "completed", 1, None),
        ("local_activity", "completed", None, Reason.ATTEMPTS_NOT_RECORDED),
        ("local_activity", "completed", 3, Reason.POLICY_NOT_RECORDED),
        ("local_activity", "failed", 3, Reason.POLICY_NOT_RECORDED),
        ("nexus_operation", "failed", None, Reason.POLICY_NOT_RECORDED),
        ("update", "failed", None, Reason.POLICY_NOT_RECORDED),
        ("child_workflow", "completed", None, None),
        ("child_workflow", "failed", None, Reason.NO_POLICY),
        ("external_signal", "failed", None, Reason.NO_POLICY),
        ("timer", "cancelled", None, Reason.CANCELLED),
        ("timer", "completed", None, None),
        ("signal", "completed", None, None),
    ],
)
def test_reason_of_other_kinds(kind: str, status: str, attempt: int | None, reason: Reason | None) -> None:
    assert judge(Facts(ComponentKind(kind), ComponentStatus(status), attempt)) is reason


UNIT = Component(
    event_id=5,
    last_event_id=7,
    node_id="charge",
    occurrence=1,
    name="charge",
    display_name="Charge the card",
    kind=ComponentKind.ACTIVITY,
    status=ComponentStatus.FAILED,
    scheduled_at=0,
    started_at=0,
    completed_at=0,
    clocks=Clocks(),
    attempt=5,
    reason=Reason.EXHAUSTED,
    policy=FIVE,
    retry_state="MAXIMUM_ATTEMPTS_REACHED",
)


class TestExplain:
    def test_names_the_step_and_the_servers_word(self) -> None:
        sentence = "All 5 attempts of Charge the card were used (the server said: maximum attempts reached)."
        assert explain(UNIT) == sentence

    @pytest.mark.parametrize("reason", [None, *Reason])
    def test_is_one_sentence_for_every_reason(self, reason: Reason | None) -> None:
        sentence = explain(replace(UNIT, reason=reason))
        assert "Charge the card" in sentence
        assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("status", "started_at", "times"),
    [("retrying", 1, "2 times"), ("paused", None, "2 times"), ("paused", 1, "3 times"), ("running", 1, "3 times")],
)
def test_an_attempt_that_is_to_come_is_no_try(status: str, started_at: int | None, times: str) -> None:
    unit = replace(UNIT, status=ComponentStatus(status), attempt=3, started_at=started_at, reason=Reason.DEFAULT_POLICY)
    assert f"was tried {times};" in explain(unit)
