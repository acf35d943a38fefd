"""Why a unit was retried, or failed: the reason from which the verdict follows.

The server's own word decides first (`retry_state` of the terminal event), then what was chosen for the node of a
built workflow, then the policy that the history records (what the server really used), then what was observed.
"""

from typing import NamedTuple

from temporalio.api.enums.v1 import RetryState

from watchglass.model.component import Component
from watchglass.model.failure import Failure
from watchglass.model.policy import Choice, RetryPolicy
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.model.verdict import Reason
from watchglass.parse.failure import surface_failure

_STATES: dict[int, str] = {number: name.removeprefix("RETRY_STATE_") for name, number in RetryState.items() if number}
_BEFORE_START = frozenset({"SCHEDULE_TO_START", "SCHEDULE_TO_CLOSE"})
_UNJUDGED = frozenset({ComponentKind.TIMER, ComponentKind.SIGNAL})
_POLICY_UNSEEN = frozenset({ComponentKind.LOCAL_ACTIVITY, ComponentKind.NEXUS_OPERATION, ComponentKind.UPDATE})


def retry_state_name(number: int) -> str | None:
    """`MAXIMUM_ATTEMPTS_REACHED` …; None when the server said nothing, the number when it is unknown here."""
    return _STATES.get(number, str(number)) if number else None


class Facts(NamedTuple):
    """All that a unit's reason depends on."""

    kind: ComponentKind
    status: ComponentStatus
    attempt: int | None = None
    policy: RetryPolicy | None = None
    retry_state: str | None = None
    timeout_type: str | None = None
    failure: Failure | None = None
    choice: Choice | None = None
    previous_failure: Failure | None = None
    """Of the attempt before the last one."""


def judge(facts: Facts) -> Reason | None:
    """The reason for one unit; None when nothing failed and nothing was retried."""
    if facts.status is ComponentStatus.CANCELLED:
        return Reason.CANCELLED
    if facts.kind in _UNJUDGED:
        return None
    if not facts.status.is_failure:
        return _judge_retries(facts)
    if facts.kind in _POLICY_UNSEEN:
        return Reason.POLICY_NOT_RECORDED
    return _server_word(facts.retry_state, facts.timeout_type, facts.policy) or _policy_word(facts)


def _judge_retries(facts: Facts) -> Reason | None:
    """A unit that has not failed: completed, still open, or left open."""
    if facts.attempt is None:
        counted = facts.kind is ComponentKind.LOCAL_ACTIVITY or (
            facts.kind is ComponentKind.ACTIVITY and facts.status is not ComponentStatus.PENDING
        )
        return Reason.ATTEMPTS_NOT_RECORDED if counted else None
    if facts.attempt <= 1:
        return None
    if facts.choice is not None:
        return _judge_by_choice(facts.choice, facts.attempt, facts.previous_failure)
    if facts.policy is None:
        return Reason.POLICY_NOT_RECORDED
    return Reason.DEFAULT_POLICY if facts.policy.is_server_default else Reason.WITHIN_POLICY


def _judge_by_choice(choice: Choice, attempt: int, failure: Failure | None) -> Reason:
    """A unit that was retried, by what its node's author allows."""
    if not choice.is_known:
        return Reason.POLICY_NOT_RECORDED
    policy = choice.policy
    if policy is None:
        return Reason.NOT_CHOSEN
    is_over = 0 < policy.maximum_attempts < attempt
    is_refused = failure is not None and surface_failure(failure).type in policy.non_retryable_error_types
    return Reason.BEYOND_POLICY if is_over or is_refused else Reason.WITHIN_POLICY


def _server_word(retry_state: str | None, timeout_type: str | None, policy: RetryPolicy | None) -> Reason | None:
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


def _policy_word(facts: Facts) -> Reason:
    """What the recorded policy says where the server, being old, said nothing."""
    policy = facts.policy
    if policy is None:
        # The server gives every activity a policy; children have one only when they were given one.
        return Reason.POLICY_NOT_RECORDED if facts.kind is ComponentKind.ACTIVITY else Reason.NO_POLICY
    if policy.maximum_attempts == 1:
        return Reason.NO_POLICY
    if facts.failure is not None and _is_non_retryable(facts.failure, policy):
        return Reason.NON_RETRYABLE
    if facts.attempt is not None and 0 < policy.maximum_attempts <= facts.attempt:
        return Reason.EXHAUSTED
    ran_out = facts.attempt is not None and facts.timeout_type in _BEFORE_START
    return Reason.TIMEOUT if ran_out else Reason.ATTEMPTS_NOT_RECORDED


def _is_non_retryable(failure: Failure, policy: RetryPolicy) -> bool:
    surface = surface_failure(failure)
    return surface.non_retryable or surface.type in policy.non_retryable_error_types


def explain(component: Component) -> str:
    """One sentence in plain words: were the retries, or the failure, what the policy allows?"""
    name, tries = component.display_name, _tries(component)
    match component.reason:
        case None:
            sentence = f"{name} was not retried"
        case Reason.WITHIN_POLICY:
            sentence = f"{name} was tried {_times(tries)}; its policy allows {_allowance(_chosen(component))}"
        case Reason.DEFAULT_POLICY:
            sentence = f"{name} was tried {_times(tries)}; Temporal's default policy retries without limit"
        case Reason.NOT_CHOSEN:
            sentence = f"{name} was tried {_times(tries)}, and nobody chose a retry policy for this node"
        case Reason.BEYOND_POLICY:
            sentence = (
                f"{name} was tried {_times(tries)}, which the policy of its node does not allow: "
                f"{_limits(_chosen(component))}"
            )
        case Reason.NO_POLICY:
            sentence = f"{name} failed, and no retries were configured for it{_word(component)}"
        case Reason.EXHAUSTED:
            sentence = f"{_all_attempts(tries)} of {name} {_were(tries)} used{_word(component)}"
        case Reason.TIMEOUT:
            sentence = f"{name} ran out of time before it could succeed{_word(component)}"
        case Reason.NON_RETRYABLE:
            sentence = f"{name} failed with an error that must not be retried{_word(component)}"
        case Reason.CANCELLED:
            sentence = f"{name} ended because it was cancelled, not because it failed"
        case Reason.POLICY_NOT_RECORDED:
            which = "was chosen for" if component.choice else "there was for"
            sentence = f"The history does not say which retry policy {which} {name}"
        case Reason.ATTEMPTS_NOT_RECORDED:
            sentence = f"The history does not say how often {name} was tried"
    other = " The server used another policy than the one that was chosen." if component.policy_differs else ""
    return f"{sentence}.{other}"


def _tries(component: Component) -> int | None:
    """Between two attempts Temporal already counts the one that is to come."""
    is_paused_before = component.status is ComponentStatus.PAUSED and component.started_at is None
    is_between = component.status is ComponentStatus.RETRYING or is_paused_before
    return component.retries if is_between else component.attempt


def _times(tries: int | None) -> str:
    return "an unknown number of times" if tries is None else "once" if tries == 1 else f"{tries} times"


def _all_attempts(tries: int | None) -> str:
    return "All attempts" if tries is None else "The only attempt" if tries == 1 else f"All {tries} attempts"


def _were(tries: int | None) -> str:
    return "was" if tries == 1 else "were"


def _chosen(component: Component) -> RetryPolicy | None:
    """The policy that the unit is judged by."""
    return component.choice.policy if component.choice else component.policy


def _limits(policy: RetryPolicy | None) -> str:
    errors = ", ".join(policy.non_retryable_error_types) if policy else ""
    return f"{_allowance(policy)}" + (f", and none after {errors}" if errors else "")


def _allowance(policy: RetryPolicy | None) -> str:
    if policy is None or policy.maximum_attempts == 0:
        return "any number of attempts"
    return "one attempt" if policy.maximum_attempts == 1 else f"up to {policy.maximum_attempts} attempts"


def _word(component: Component) -> str:
    if component.retry_state is None:
        return ""
    return f" (the server said: {component.retry_state.lower().replace('_', ' ')})"
