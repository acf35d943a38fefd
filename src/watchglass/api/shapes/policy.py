"""Retry policies, while they are chosen."""

from watchglass.api.shapes.base import Input, Output
from watchglass.model.retry_choice import RetryChoice, Timeouts


class PolicyInput(Input):
    """How a node is tried again."""

    retry: RetryChoice | None
    """Null: nothing was chosen."""
    timeouts: Timeouts


class AttemptStart(Output):
    """When an attempt starts."""

    number: int
    """From 1."""
    starts_after_ms: float
    """After the start of the first, when all of them fail at once."""


class TemporalPolicy(Output):
    """What Temporal is given."""

    initial_interval_seconds: float
    backoff_coefficient: float
    maximum_interval_seconds: float | None
    """Null: the server takes 100 times the first."""
    maximum_attempts: int
    """0: without limit."""


class PolicyExplained(Output):
    """What a choice comes to."""

    attempts: list[AttemptStart]
    is_cut: bool
    """There are more attempts than these."""
    sentence: str
    may_never_finish: bool
    warning: str | None
    temporal: TemporalPolicy
