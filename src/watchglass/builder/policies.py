"""What a retry choice comes to: the policy that Temporal gets, when the attempts start, and a sentence about it.

The compiled policy itself is `model.chosen_policy.policy_of`. Times here assume attempts that fail at once; each
attempt adds the time that it takes.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice, takewhile
from typing import Final

from watchglass.builder.rules.policies import is_unlimited
from watchglass.model.chosen_policy import policy_of
from watchglass.model.policy import RetryPolicy
from watchglass.model.retry_choice import FailAfter, RetryChoice, Timeouts

MOST_SHOWN: Final = 20
"""Attempts on the time axis."""
DEFAULT_CHOICE: Final = FailAfter()
"""Of a node whose author chose nothing, and whose component brings nothing."""
_FLAT: Final = 1e-9
"""A coefficient closer to 1 than this makes no difference within 2^31 attempts that could be told."""


@dataclass(frozen=True, slots=True)
class Attempt:
    number: int
    """From 1."""
    starts_after_ms: float
    """After the start of the first."""


@dataclass(frozen=True, slots=True)
class Explained:
    attempts: tuple[Attempt, ...]
    is_cut: bool
    """There are more attempts than these."""
    sentence: str
    may_never_finish: bool
    warning: str | None
    policy: RetryPolicy


def as_the_server_reads(policy: RetryPolicy) -> RetryPolicy:
    """The policy with what Temporal puts in for a 0 (or nothing). 0 attempts stay 0: they are without limit."""
    initial = policy.initial_interval_ms or 1_000.0
    return RetryPolicy(
        initial,
        policy.backoff_coefficient or 2.0,
        policy.maximum_interval_ms or 100 * initial,
        policy.maximum_attempts,
        policy.non_retryable_error_types,
    )


def explain(choice: RetryChoice | None, timeouts: Timeouts) -> Explained:
    """When the attempts of a node start, and whether they ever end. None: the choice of a node that has none."""
    chosen = choice or DEFAULT_CHOICE
    policy = policy_of(chosen)
    limit = None if timeouts.schedule_to_close_seconds is None else timeouts.schedule_to_close_seconds * 1000
    waits = _Waits(as_the_server_reads(policy))
    there_are = waits.attempts_within(limit)
    shown = tuple(islice(waits.attempts(), int(min(there_are, MOST_SHOWN))))
    never = is_unlimited(chosen) and limit is None
    return Explained(
        shown,
        there_are > len(shown),
        _sentence(waits, there_are, limit),
        never,
        _warning(waits, there_are, limit),
        policy,
    )


class _Waits:
    """The waits between attempts: the first, each longer than the one before, up to the longest."""

    def __init__(self, policy: RetryPolicy) -> None:
        self.first = policy.initial_interval_ms
        self.coefficient = policy.backoff_coefficient
        self.longest = max(policy.maximum_interval_ms or math.inf, self.first)
        self.allowed = policy.maximum_attempts or math.inf
        self.is_flat = self.coefficient - 1 < _FLAT or self.longest == self.first
        self.growing = 0 if self.is_flat else math.ceil(math.log(self.longest / self.first, self.coefficient) - 1e-9)
        """How many of the first waits are shorter than the longest."""

    def wait(self, number: int) -> float:
        """The wait behind an attempt, from 1."""
        if self.is_flat:
            return self.first
        return self.longest if number > self.growing else self.first * math.pow(self.coefficient, number - 1)

    def start(self, number: float) -> float:
        """When an attempt starts, after the first."""
        waits = number - 1
        if self.is_flat:
            return waits * self.first
        grown = min(waits, self.growing)
        sum_of_grown: float = self.first * (math.pow(self.coefficient, grown) - 1) / (self.coefficient - 1)
        return sum_of_grown + (waits - grown) * self.longest

    def attempts(self) -> Iterator[Attempt]:
        return (Attempt(number, self.start(number)) for number in takewhile(lambda n: n <= self.allowed, count(1)))

    def attempts_within(self, limit: float | None) -> float:
        """How many attempts start before the limit, in milliseconds; infinity where nothing ends them."""
        if limit is None or self.start(min(self.allowed, 2.0**53)) < limit:
            return self.allowed
        low, high = 1, 2
        while self.start(high) < limit:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.start(middle) < limit else (low, middle)
        return low


def _sentence(waits: _Waits, attempts: float, limit: float | None) -> str:
    if attempts == 1:
        return "One attempt: when it fails, the node has failed."
    apart = _apart(waits, attempts)
    if attempts == math.inf:
        return f"Tried until it succeeds, {apart}."
    if waits.allowed == math.inf and limit is not None:
        return f"Tried until it succeeds, {apart}, for {length(limit)} at most: up to {int(attempts):,} attempts."
    last = length(waits.start(attempts))
    return f"{int(attempts):,} attempts, {apart}: the last starts {last} after the first, plus the time they take."


def _apart(waits: _Waits, attempts: float) -> str:
    first = length(waits.first)
    if waits.is_flat or attempts == 2:
        return f"{first} apart"
    last = waits.wait(int(min(attempts - 1, waits.growing + 1)))
    return (
        f"{first} to {length(last)} apart"
        if attempts != math.inf
        else f"first {first}, then up to {length(last)} apart"
    )


def _warning(waits: _Waits, attempts: float, limit: float | None) -> str | None:
    if attempts == math.inf:
        return "This may never finish: nothing ends it but success. Set a limit for all attempts together."
    if limit is not None and waits.allowed != math.inf and attempts < waits.allowed:
        return (
            f"All attempts together may take {length(limit)}, so at most {int(attempts):,} of the "
            f"{int(waits.allowed):,} attempts are made."
        )
    return None


_UNITS: Final = ((365 * 86_400_000, "years"), (86_400_000, "days"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))


def length(milliseconds: float) -> str:
    """A length of time in the largest unit of which there are at least two (seconds: one): `4 s`, `90 s`, `2.5 min`."""
    for size, unit in _UNITS:
        if milliseconds >= (size if unit == "s" else 2 * size):
            return f"{_number(milliseconds / size)} {unit}"
    return f"{_number(milliseconds)} ms"


def _number(value: float) -> str:
    rounded = round(value, 1)
    return f"{rounded:,.0f}" if rounded == int(rounded) or rounded >= 100 else f"{rounded:,}"
