"""What a retry choice comes to, with the arithmetic beside each row."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from temporalio.api.common.v1 import RetryPolicy as ProtoPolicy
from temporalio.common import RetryPolicy as SdkPolicy
from tests.builder.drawn import CATALOGUE, START, drawn

from watchglass.builder.policies import MOST_SHOWN, as_the_server_reads, explain, length
from watchglass.builder.validate import has_errors, validate
from watchglass.model.chosen_policy import policy_of
from watchglass.model.policy import SERVER_DEFAULT, RetryPolicy
from watchglass.model.retry_choice import (
    ExponentialBackoff,
    FailAfter,
    KeepTrying,
    NoRetries,
    RetryChoice,
    Timeouts,
)

NO_LIMIT = Timeouts()


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (RetryPolicy(0, 0, None, 0), SERVER_DEFAULT),  # 1 s, ×2, 100 × 1 s, without limit
        (RetryPolicy(0, 0, 0, 0), SERVER_DEFAULT),
        (RetryPolicy(3_000, 0, 0, 4), RetryPolicy(3_000, 2, 300_000, 4)),  # 100 × 3 s
        (RetryPolicy(3_000, 1, None, 4), RetryPolicy(3_000, 1, 300_000, 4)),
        (RetryPolicy(500, 1.5, 700, 1), RetryPolicy(500, 1.5, 700, 1)),
    ],
)
def test_what_temporal_means_by_nothing(given: RetryPolicy, read: RetryPolicy) -> None:
    assert as_the_server_reads(given) == read


@pytest.mark.parametrize(
    ("choice", "timeouts", "starts", "sentence"),
    [
        (NoRetries(), NO_LIMIT, [0], "One attempt: when it fails, the node has failed."),
        (
            None,
            NO_LIMIT,
            [0, 1, 2],
            "3 attempts, 1 s apart: the last starts 2 s after the first, plus the time they take.",
        ),
        (
            FailAfter(maximum_attempts=5),
            NO_LIMIT,
            [0, 1, 2, 3, 4],
            "5 attempts, 1 s apart: the last starts 4 s after the first, plus the time they take.",
        ),
        (FailAfter(maximum_attempts=1), NO_LIMIT, [0], "One attempt: when it fails, the node has failed."),
        (
            FailAfter(maximum_attempts=2, initial_interval_seconds=0.25),
            NO_LIMIT,
            [0, 0.25],
            "2 attempts, 250 ms apart: the last starts 250 ms after the first, plus the time they take.",
        ),
        (
            ExponentialBackoff(),
            NO_LIMIT,
            [0, 1, 3, 7, 15],  # + 1, 2, 4, 8
            "5 attempts, 1 s to 8 s apart: the last starts 15 s after the first, plus the time they take.",
        ),
        (
            ExponentialBackoff(
                maximum_attempts=6, initial_interval_seconds=10, backoff_coefficient=3, maximum_interval_seconds=60
            ),
            NO_LIMIT,
            [0, 10, 40, 100, 160, 220],  # + 10, 30, then 90 is cut to 60
            "6 attempts, 10 s to 60 s apart: the last starts 3.7 min after the first, plus the time they take.",
        ),
        (
            KeepTrying(),
            Timeouts(schedule_to_close_seconds=130),
            [0, 1, 3, 7, 15, 31, 63, 123],  # + 1, 2, 4, 8, 16, 32, then 64 is cut to 60; the next would start at 183
            "Tried until it succeeds, 1 s to 60 s apart, for 2.2 min at most: up to 8 attempts.",
        ),
        (
            FailAfter(maximum_attempts=5),
            Timeouts(schedule_to_close_seconds=3),
            [0, 1, 2],  # one that would start at 3 comes too late
            "3 attempts, 1 s apart: the last starts 2 s after the first, plus the time they take.",
        ),
        (
            FailAfter(maximum_attempts=5, initial_interval_seconds=10),
            Timeouts(schedule_to_close_seconds=3),
            [0],
            "One attempt: when it fails, the node has failed.",
        ),
    ],
)
def test_attempts_on_a_time_axis(
    choice: RetryChoice | None, timeouts: Timeouts, starts: list[float], sentence: str
) -> None:
    explained = explain(choice, timeouts)
    assert [attempt.starts_after_ms for attempt in explained.attempts] == [1_000 * start for start in starts]
    assert [attempt.number for attempt in explained.attempts] == [*range(1, len(starts) + 1)]
    assert not explained.is_cut
    assert explained.sentence == sentence
    assert not explained.may_never_finish


def test_what_may_never_finish() -> None:
    explained = explain(KeepTrying(), NO_LIMIT)
    assert explained.may_never_finish
    assert explained.is_cut
    assert len(explained.attempts) == MOST_SHOWN
    assert explained.attempts[-1].starts_after_ms == 1_000 * (63 + 13 * 60)  # six that grow, thirteen of a minute
    assert explained.sentence == "Tried until it succeeds, first 1 s, then up to 60 s apart."
    assert explained.warning is not None
    assert explained.warning.startswith("This may never finish")


def test_exponential_without_a_limit_may_never_finish() -> None:
    assert explain(ExponentialBackoff(maximum_attempts=0), NO_LIMIT).may_never_finish
    assert not explain(ExponentialBackoff(maximum_attempts=0), Timeouts(schedule_to_close_seconds=9)).may_never_finish


def test_attempts_that_do_not_fit_are_told() -> None:
    explained = explain(FailAfter(maximum_attempts=5), Timeouts(schedule_to_close_seconds=3))
    assert explained.warning == "All attempts together may take 3 s, so at most 3 of the 5 attempts are made."


def test_many_attempts_are_cut() -> None:
    explained = explain(FailAfter(maximum_attempts=2**31 - 1), NO_LIMIT)
    assert explained.is_cut
    assert len(explained.attempts) == MOST_SHOWN
    assert explained.sentence == (
        "2,147,483,647 attempts, 1 s apart: the last starts 68.1 years after the first, plus the time they take."
    )


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 ms"),
        (250, "250 ms"),
        (1_000, "1 s"),
        (90_000, "90 s"),
        (150_000, "2.5 min"),
        (7_200_000, "2 h"),
        (3 * 86_400_000, "3 days"),
        (1_000 * 365 * 86_400_000, "1,000 years"),
    ],
)
def test_lengths(milliseconds: float, text: str) -> None:
    assert length(milliseconds) == text


CHOICES: st.SearchStrategy[RetryChoice] = st.one_of(
    st.builds(
        KeepTrying,
        initial_interval_seconds=st.floats(0.001, 1e5),
        backoff_coefficient=st.floats(1, 1000),
        maximum_interval_seconds=st.floats(0.001, 1e6),
    ),
    st.builds(FailAfter, maximum_attempts=st.integers(1, 2**31 - 1), initial_interval_seconds=st.floats(0.001, 3e8)),
    st.builds(
        ExponentialBackoff,
        maximum_attempts=st.integers(0, 2**31 - 1),
        initial_interval_seconds=st.floats(0.001, 1e5),
        backoff_coefficient=st.floats(1, 1000, exclude_min=True),
        maximum_interval_seconds=st.floats(0.001, 3e8),
    ),
    st.just(NoRetries()),
)
LIMITS = st.builds(Timeouts, schedule_to_close_seconds=st.none() | st.floats(0.001, 3e8))


@given(CHOICES, LIMITS)
def test_the_axis_is_what_waiting_one_by_one_gives(choice: RetryChoice, timeouts: Timeouts) -> None:
    explained = explain(choice, timeouts)
    policy = as_the_server_reads(policy_of(choice))
    wait, at, starts = policy.initial_interval_ms, 0.0, [0.0]
    longest = max(policy.maximum_interval_ms or 0, policy.initial_interval_ms)
    for _ in range(MOST_SHOWN - 1):
        at += min(wait, longest)
        wait = min(wait * policy.backoff_coefficient, longest)
        starts.append(at)
    limit = (timeouts.schedule_to_close_seconds or float("inf")) * 1_000
    told = [attempt.starts_after_ms for attempt in explained.attempts]
    assert told == pytest.approx(starts[: len(told)], rel=1e-6)
    assert all(start < limit for start in told)
    assert all(earlier < later for earlier, later in pairwise(told))
    ended = len(told) in (policy.maximum_attempts, MOST_SHOWN)
    assert ended or starts[len(told)] >= limit * (1 - 1e-6)
    assert explained.sentence.endswith(".")
    assert explained.may_never_finish == (policy.maximum_attempts == 0 and timeouts.schedule_to_close_seconds is None)


@given(CHOICES)
def test_temporal_refuses_what_the_validator_calls_an_error_and_nothing_else(choice: RetryChoice) -> None:
    written = TypeAdapter(RetryChoice).dump_python(choice, mode="json", by_alias=True)
    graph = drawn(START, {"id": "a", "retry": written}, edges="start > a")
    policy = policy_of(choice)
    longest = policy.maximum_interval_ms
    sdk = SdkPolicy(
        initial_interval=timedelta(milliseconds=policy.initial_interval_ms),
        backoff_coefficient=policy.backoff_coefficient,
        maximum_interval=None if longest is None else timedelta(milliseconds=longest),
        maximum_attempts=policy.maximum_attempts,
    )
    try:
        sdk.apply_to_proto(ProtoPolicy())
    except ValueError:
        assert has_errors(validate(graph, CATALOGUE))
    else:
        assert not has_errors(validate(graph, CATALOGUE))
