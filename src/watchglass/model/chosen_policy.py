"""The retry policy that a choice stands for, and whether a server's policy is that one."""

from collections.abc import Iterable

from watchglass.model.policy import RetryPolicy
from watchglass.model.retry_choice import ExponentialBackoff, FailAfter, KeepTrying, NoRetries, RetryChoice

_SERVER_MAXIMUM = 100
"""Where no maximum interval is given, the server takes this many times the initial interval."""


def policy_of(choice: RetryChoice, non_retryable: Iterable[str] = ()) -> RetryPolicy:
    """What Temporal is given for the choice. 0 attempts are unlimited ones; no maximum interval is None."""
    errors = tuple(non_retryable)
    match choice:
        case KeepTrying():
            return RetryPolicy(
                choice.initial_interval_seconds * 1000,
                choice.backoff_coefficient,
                choice.maximum_interval_seconds * 1000,
                0,
                errors,
            )
        case FailAfter():
            return RetryPolicy(choice.initial_interval_seconds * 1000, 1.0, None, choice.maximum_attempts, errors)
        case ExponentialBackoff():
            return RetryPolicy(
                choice.initial_interval_seconds * 1000,
                choice.backoff_coefficient,
                choice.maximum_interval_seconds * 1000,
                choice.maximum_attempts,
                errors,
            )
        case NoRetries():
            return RetryPolicy(1000.0, 1.0, None, 1, errors)


def differs(chosen: RetryPolicy, used: RetryPolicy) -> bool:
    """Would the two ever do something different? What the server fills in by itself is no difference."""
    return _meaning(chosen) != _meaning(used)


def _meaning(policy: RetryPolicy) -> tuple[object, ...]:
    """Only what can be noticed: one attempt has no intervals, and equal intervals have no maximum."""
    if policy.maximum_attempts == 1:
        return (1,)
    initial = policy.initial_interval_ms
    errors = frozenset(policy.non_retryable_error_types)
    if policy.backoff_coefficient == 1:
        return (policy.maximum_attempts, errors, initial)
    maximum = policy.maximum_interval_ms or initial * _SERVER_MAXIMUM
    return (policy.maximum_attempts, errors, initial, policy.backoff_coefficient, max(maximum, initial))
