"""What a retry policy comes to, as the property panel asks for it."""

from typing import Any

import pytest
from tests.api.procedures.drawn import sentence_of, signed_in

from watchglass.store.scope import Store


async def test_attempts_a_sentence_and_what_temporal_is_given(store: Store) -> None:
    ada, _ = await signed_in(store)
    five = {"strategy": "fail_after", "maximumAttempts": 5}
    found = await ada.data("policy.explain", {"retry": five, "timeouts": {}})
    assert [a["startsAfterMs"] for a in found["attempts"]] == [0, 1000, 2000, 3000, 4000]
    assert found["sentence"] == "5 attempts, 1 s apart: the last starts 4 s after the first, plus the time they take."
    assert (found["isCut"], found["mayNeverFinish"], found["warning"]) == (False, False, None)
    assert found["temporal"] == {
        "initialIntervalSeconds": 1,
        "backoffCoefficient": 1,
        "maximumIntervalSeconds": None,
        "maximumAttempts": 5,
    }


async def test_keep_trying_may_never_finish_unless_something_ends_it(store: Store) -> None:
    ada, _ = await signed_in(store)
    keep = {"strategy": "keep_trying"}
    forever = await ada.data("policy.explain", {"retry": keep, "timeouts": {}})
    assert (forever["mayNeverFinish"], forever["isCut"]) == (True, True)
    assert "may never finish" in forever["warning"]
    ended = await ada.data("policy.explain", {"retry": keep, "timeouts": {"scheduleToCloseSeconds": 10}})
    assert (ended["mayNeverFinish"], [a["startsAfterMs"] for a in ended["attempts"]]) == (
        False,
        [0, 1000, 3000, 7000],
    )


async def test_nothing_chosen_is_three_attempts(store: Store) -> None:
    ada, _ = await signed_in(store)
    assert len((await ada.data("policy.explain", {"retry": None, "timeouts": {}}))["attempts"]) == 3


@pytest.mark.parametrize(
    "retry",
    [
        {"strategy": "exponential_backoff", "initialIntervalSeconds": 0.001, "maximumIntervalSeconds": 3e8},
        {"strategy": "exponential_backoff", "maximumAttempts": 0, "backoffCoefficient": 1.0000000001},
        {"strategy": "exponential_backoff", "maximumAttempts": 2147483647, "backoffCoefficient": 1000},
        {"strategy": "fail_after", "maximumAttempts": 2147483647, "initialIntervalSeconds": 3e8},
        {"strategy": "keep_trying", "initialIntervalSeconds": 60, "maximumIntervalSeconds": 0.001},
        {"strategy": "no_retries"},
    ],
)
@pytest.mark.parametrize("limit", [None, 0.001, 1, 3e8])
async def test_the_most_extreme_choices_are_answered(store: Store, retry: dict[str, Any], limit: float | None) -> None:
    ada, _ = await signed_in(store)
    timeouts = {"scheduleToCloseSeconds": limit}
    found = await ada.data("policy.explain", {"retry": retry, "timeouts": timeouts})
    starts = [a["startsAfterMs"] for a in found["attempts"]]
    assert starts[0] == 0
    assert all(isinstance(start, int | float) for start in starts)
    assert starts == sorted(starts)


async def test_what_temporal_would_take_for_nothing_is_no_interval(store: Store) -> None:
    ada, _ = await signed_in(store)
    retry = {"strategy": "fail_after", "initialIntervalSeconds": 1e-9}
    answer = await ada.query("policy.explain", {"retry": retry, "timeouts": {}})
    assert "0.001" in sentence_of(answer, 400)
