"""Why a unit was retried, or failed: the reason from which the verdict follows.

The server's own word decides first (`retry_state` of the terminal event), then the policy that the history records
(what the server really used), then what was observed.
"""

from temporalio.api.enums.v1 import RetryState

from watchglass.model.component import Component
from watchglass.model.failure import Failure
from watchglass.model.policy import RetryPolicy
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.model.verdict import Reason
from watchglass.parse.failure import surface_failure

_STATES: dict[int, str] = {number: name.removeprefix("RETRY_STATE_") for name, number in RetryState.items() if number}
_BEFORE_START = frozenset({"SCHEDULE_TO_START", "SCHEDULE_TO_CLOSE"})
_UNJUDGED = frozenset({ComponentKind.TIMER, ComponentKind.SIGNAL})
_POLICY_UNSEEN = frozenset(
    {ComponentKind.LOCAL_ACTIVITY, ComponentKind.NEXUS_OPERATION, ComponentKind.UPDATE}
)


def retry_state_name(number: int) -> str | None:
    """`MAXIMUM_ATTEMPTS_REACHED` …; None when the server said nothing, the number when it is unknown here."""
    return _STATES.get(number, str(number)) if number else None


def judge(
    *,
    kind: ComponentKind,
    status: ComponentStatus,
    attempt: int | None,
    policy: RetryPolicy | None,
    retry_state: str | None,
    timeout_type: str | None,
    failure: Failure | None,
) -> Reason | None:
    """The reason for one unit; None when nothing failed and nothing was retried."""
    if status is ComponentStatus.COMPLETED and attempt == 1:
        return None
    if kind in _UNJUDGED:
        return Reason.CANCELLED if status is ComponentStatus.CANCELLED else None
    if status is ComponentStatus.CANCELLED:
        return Reason.CANCELLED
    if status.is_failure:
        return _judge_failure(kind, attempt, policy, retry_state, timeout_type, failure)
    return _judge_retries(kind, status, attempt, policy)


def _judge_retries(
    kind: ComponentKind, status: ComponentStatus, attempt: int | None, policy: RetryPolicy | None
) -> Reason | None:
    """A unit that has not failed: completed, still open, or left open."""
    if attempt is None:
        counted = kind is ComponentKind.LOCAL_ACTIVITY or (
            kind is ComponentKind.ACTIVITY and status is not ComponentStatus.PENDING
        )
        return Reason.ATTEMPTS_NOT_RECORDED if counted else None
    if attempt <= 1:
        return None
    if policy is None:
        return Reason.POLICY_NOT_RECORDED
    return Reason.DEFAULT_POLICY if policy.is_server_default else Reason.WITHIN_POLICY


def _judge_failure(
    kind: ComponentKind,
    attempt: int | None,
    policy: RetryPolicy | None,
    retry_state: str | None,
    timeout_type: str | None,
    failure: Failure | None,
) -> Reason:
    if kind in _POLICY_UNSEEN:
        return Reason.POLICY_NOT_RECORDED
    return _server_word(retry_state, timeout_type, policy) or _policy_word(
        kind, attempt, policy, timeout_type, failure
    )


def _server_word(
    retry_state: str | None, timeout_type: str | None, policy: RetryPolicy | None
) -> Reason | None:
    match retry_state:
        case "MAXIMUM_ATTEMPTS_REACHED":
            return Reason.NO_POLICY if policy and policy.maximum_attempts == 1 else Reason.EXHAUSTED
        case "RETRY_POLICY_NOT_SET":
            return Reason.NO_POLICY
        case "TIMEOUT":
            return Reason.TIMEOUT
        case "NON_RETRYABLE_FAILURE":
            # The server calls these two timeouts non-retryable errors; to people the time ran out.
            return Reason.TIMEOUT if timeout_type in _BEFORE_START else Reason.NON_RETRYABLE
        case "CANCEL_REQUESTED":
            return Reason.CANCELLED
        case _:
            return None


def _policy_word(
    kind: ComponentKind,
    attempt: int | None,
    policy: RetryPolicy | None,
    timeout_type: str | None,
    failure: Failure | None,
) -> Reason:
    if policy is None:
        # Activities always have a policy on the server; children and requests have one only when they were given one.
        return Reason.POLICY_NOT_RECORDED if kind is ComponentKind.ACTIVITY else Reason.NO_POLICY
    if policy.maximum_attempts == 1:
        return Reason.NO_POLICY
    if failure is not None and _is_non_retryable(failure, policy):
        return Reason.NON_RETRYABLE
    if attempt is None:
        return Reason.ATTEMPTS_NOT_RECORDED
    if 0 < policy.maximum_attempts <= attempt:
        return Reason.EXHAUSTED
    if timeout_type in _BEFORE_START:
        return Reason.TIMEOUT
    return Reason.ATTEMPTS_NOT_RECORDED


def _is_non_retryable(failure: Failure, policy: RetryPolicy) -> bool:
    surface = surface_failure(failure)
    return surface.non_retryable or surface.type in policy.non_retryable_error_types


def explain(component: Component) -> str:
    """One sentence in plain words: were the retries, or the failure, what the policy allows?"""
    name, tries = component.display_name, component.attempt
    match component.reason:
        case None:
            return f"{name} was not retried."
        case Reason.WITHIN_POLICY:
            return f"{name} was tried {_times(tries)}; its policy allows {_allowance(component.policy)}."
        case Reason.DEFAULT_POLICY:
            return f"{name} was tried {_times(tries)} under Temporal's default policy, which retries without limit."
        case Reason.NO_POLICY:
            return f"{name} failed, and no retries were configured for it{_word(component)}."
        case Reason.EXHAUSTED:
            return f"{_all_attempts(tries)} of {name} {_were(tries)} used{_word(component)}."
        case Reason.TIMEOUT:
            return f"{name} ran out of time before it could succeed{_word(component)}."
        case Reason.NON_RETRYABLE:
            return f"{name} failed with an error that must not be retried{_word(component)}."
        case Reason.CANCELLED:
            return f"{name} ended because it was cancelled, not because it failed."
        case Reason.POLICY_NOT_RECORDED:
            return f"The history does not say which retry policy {name} had."
        case Reason.ATTEMPTS_NOT_RECORDED:
            return f"The history does not say how often {name} was tried."


def _times(tries: int | None) -> str:
    return "an unknown number of times" if tries is None else "once" if tries == 1 else f"{tries} times"


def _all_attempts(tries: int | None) -> str:
    return "All attempts" if tries is None else "The only attempt" if tries == 1 else f"All {tries} attempts"


def _were(tries: int | None) -> str:
    return "was" if tries == 1 else "were"


def _allowance(policy: RetryPolicy | None) -> str:
    if policy is None or policy.maximum_attempts == 0:
        return "any number of attempts"
    return f"up to {policy.maximum_attempts} attempts"


def _word(component: Component) -> str:
    if component.retry_state is None:
        return ""
    return f" (the server said: {component.retry_state.lower().replace('_', ' ')})"
