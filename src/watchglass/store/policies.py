"""A retry policy as one JSON text, and back."""

import json
from functools import lru_cache

from watchglass.model.policy import RetryPolicy
from watchglass.store.text import storable


@lru_cache(maxsize=1024)
def policy_to_json(policy: RetryPolicy | None) -> str | None:
    """Cached, because nearly all units of a namespace share a handful of policies."""
    if policy is None:
        return None
    return json.dumps(
        [
            policy.initial_interval_ms,
            policy.backoff_coefficient,
            policy.maximum_interval_ms,
            policy.maximum_attempts,
            [storable(name) for name in policy.non_retryable_error_types],
        ]
    )


def policy_from_json(text: str | None) -> RetryPolicy | None:
    if text is None:
        return None
    initial, coefficient, maximum, attempts, errors = json.loads(text)
    return RetryPolicy(initial, coefficient, maximum, attempts, tuple(errors))
