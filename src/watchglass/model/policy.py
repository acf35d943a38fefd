"""The retry policy the server really used for one unit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    initial_interval_ms: float
    backoff_coefficient: float
    maximum_interval_ms: float | None
    maximum_attempts: int
    """0 means unlimited."""
    non_retryable_error_types: tuple[str, ...] = ()

    @property
    def is_server_default(self) -> bool:
        """Temporal's own default: 1 s, doubling, at most 100 s, for ever."""
        return self == SERVER_DEFAULT


SERVER_DEFAULT = RetryPolicy(1000.0, 2.0, 100_000.0, 0)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the author of a built workflow chose for a node, as the run itself read it."""

    policy: RetryPolicy | None
    """None: nobody chose one, or `is_known` is False."""
    is_known: bool = True
    """False: the graph that ran cannot be read from the history."""


NOT_CHOSEN = Choice(None)
UNKNOWN_CHOICE = Choice(None, is_known=False)
