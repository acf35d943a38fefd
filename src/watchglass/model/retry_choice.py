"""How a node is tried again, as its author chose it. What is chosen is kept, never guessed back from numbers."""

from typing import Annotated, Literal

from pydantic import Field

from watchglass.model.drawn import Drawn

Seconds = Annotated[float, Field(ge=0.001, le=10 * 365 * 86_400)]
"""A length of time: at least a millisecond, because Temporal takes 0 for something else, and at most ten years."""
Attempts = Annotated[int, Field(ge=1, le=2**31 - 1)]


class KeepTrying(Drawn):
    """Until it succeeds, or until the schedule-to-close timeout is over."""

    strategy: Literal["keep_trying"] = "keep_trying"
    initial_interval_seconds: Seconds = 1
    backoff_coefficient: Annotated[float, Field(ge=1, le=1000)] = 2
    maximum_interval_seconds: Seconds = 60


class FailAfter(Drawn):
    """A number of attempts, the same time apart."""

    strategy: Literal["fail_after"] = "fail_after"
    maximum_attempts: Attempts = 3
    initial_interval_seconds: Seconds = 1


class ExponentialBackoff(Drawn):
    """A number of attempts, ever further apart."""

    strategy: Literal["exponential_backoff"] = "exponential_backoff"
    maximum_attempts: Annotated[int, Field(ge=0, le=2**31 - 1)] = 5
    """0: until it succeeds."""
    initial_interval_seconds: Seconds = 1
    backoff_coefficient: Annotated[float, Field(gt=1, le=1000)] = 2
    maximum_interval_seconds: Seconds = 100


class NoRetries(Drawn):
    """One attempt."""

    strategy: Literal["no_retries"] = "no_retries"


RetryChoice = Annotated[KeepTrying | FailAfter | ExponentialBackoff | NoRetries, Field(discriminator="strategy")]


class Timeouts(Drawn):
    """How long a node may take. None: Temporal's own, which is no limit but for the first.

    An activity needs `start_to_close` or `schedule_to_close`; where neither is set, one attempt may take
    `DEFAULT_START_TO_CLOSE_SECONDS`.
    """

    start_to_close_seconds: Seconds | None = None
    """One attempt."""
    schedule_to_close_seconds: Seconds | None = None
    """All attempts and the waits between them."""
    schedule_to_start_seconds: Seconds | None = None
    """Until a worker takes it."""
    heartbeat_seconds: Seconds | None = None
    """Between two signs of life of one attempt."""


DEFAULT_START_TO_CLOSE_SECONDS = 60.0
