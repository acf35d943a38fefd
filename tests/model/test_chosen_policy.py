"""The four strategies as the server gets them, and which of its answers are the same."""

import pytest

from watchglass.model.chosen_policy import differs, policy_of
from watchglass.model.policy import SERVER_DEFAULT, RetryPolicy
from watchglass.model.retry_choice import ExponentialBackoff, FailAfter, KeepTrying, NoRetries, RetryChoice


@pytest.mark.parametrize(
    ("choice", "policy"),
    [
        (KeepTrying(), RetryPolicy(1000, 2, 60_000, 0)),
        (KeepTrying(initial_interval_seconds=0.5), RetryPolicy(500, 2, 60_000, 0)),
        (FailAfter(), RetryPolicy(1000, 1, None, 3)),
        (FailAfter(maximum_attempts=7, initial_interval_seconds=2), RetryPolicy(2000, 1, None, 7)),
        (ExponentialBackoff(), RetryPolicy(1000, 2, 100_000, 5)),
        (ExponentialBackoff(maximum_attempts=0), SERVER_DEFAULT),
        (NoRetries(), RetryPolicy(1000, 1, None, 1)),
    ],
)
def test_strategies(choice: RetryChoice, policy: RetryPolicy) -> None:
    assert policy_of(choice) == policy
    assert policy_of(choice, ["Refused"]).non_retryable_error_types == ("Refused",)


@pytest.mark.parametrize(
    ("chosen", "used", "are_different"),
    [
        (RetryPolicy(1000, 1, None, 3), RetryPolicy(1000, 1, 100_000, 3), False),
        (RetryPolicy(1000, 2, None, 3), RetryPolicy(1000, 2, 100_000, 3), False),
        (RetryPolicy(1000, 2, None, 3), RetryPolicy(1000, 2, 60_000, 3), True),
        (RetryPolicy(1000, 1, None, 1), RetryPolicy(9000, 2, 100_000, 1), False),
        (RetryPolicy(1000, 1, None, 3), RetryPolicy(1000, 1, 100_000, 4), True),
        (RetryPolicy(1000, 1, None, 3), RetryPolicy(1500, 1, 100_000, 3), True),
        (RetryPolicy(1000, 1, None, 3, ("A", "B")), RetryPolicy(1000, 1, None, 3, ("B", "A")), False),
        (RetryPolicy(1000, 1, None, 3), RetryPolicy(1000, 1, None, 3, ("A",)), True),
    ],
)
def test_what_the_server_fills_in_is_no_difference(
    chosen: RetryPolicy, used: RetryPolicy, *, are_different: bool
) -> None:
    assert differs(chosen, used) is are_different
