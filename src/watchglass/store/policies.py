"""A retry policy, or what was chosen for a node, as one text, and back."""

import json
from functools import lru_cache

from watchglass.model.policy import NOT_CHOSEN, UNKNOWN_CHOICE, Choice, RetryPolicy
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


def choice_to_text(choice: Choice | None) -> str | None:
    if choice is None:
        return None
    return policy_to_json(choice.policy) or ("none" if choice.is_known else "unknown")


def choice_from_text(text: str | None) -> Choice | None:
    match text:
        case None:
            return None
        case "none":
            return NOT_CHOSEN
        case "unknown":
            return UNKNOWN_CHOICE
        case _:
            return Choice(policy_from_json(text))
