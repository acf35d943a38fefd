"""The retry policy that the server recorded, one value per distinct policy."""

from temporalio.api.common.v1 import RetryPolicy as RetryPolicyMessage

from watchglass.model.policy import RetryPolicy
from watchglass.parse.clock import millis, millis_or_none


class PolicyReader:
    """Reads policies; a run has few different ones and thousands of units, so equal messages share one
    value."""

    def __init__(self) -> None:
        self._seen: dict[bytes, RetryPolicy] = {}

    def read(self, message: RetryPolicyMessage) -> RetryPolicy | None:
        """The policy; None for the empty message that stands for an absent one."""
        key = message.SerializeToString()
        if not key:
            return None
        policy = self._seen.get(key)
        if policy is None:
            policy = self._seen[key] = parse_policy(message)
        return policy


def parse_policy(message: RetryPolicyMessage) -> RetryPolicy:
    return RetryPolicy(
        initial_interval_ms=millis(message.initial_interval),
        backoff_coefficient=message.backoff_coefficient,
        maximum_interval_ms=millis_or_none(message.maximum_interval),
        maximum_attempts=message.maximum_attempts,
        non_retryable_error_types=tuple(message.non_retryable_error_types),
    )
