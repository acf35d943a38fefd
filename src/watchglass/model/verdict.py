"""Was a retry, or a failure, what the author of the policy allowed?

The stored fact is the *reason*; the *verdict* follows from it. A reason is chosen while a history is parsed
(`parse.retry`), the verdict whenever a component execution is read.
"""

from enum import StrEnum


class Verdict(StrEnum):
    NONE = "none"
    EXPECTED = "expected"
    UNEXPECTED = "unexpected"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    WITHIN_POLICY = "within_policy"
    DEFAULT_POLICY = "default_policy"
    NOT_CHOSEN = "not_chosen"
    """Retried, and nobody chose a policy for the node."""
    BEYOND_POLICY = "beyond_policy"
    """Retried, though the policy that was chosen for the node does not allow it: the server used another."""
    NO_POLICY = "no_policy"
    EXHAUSTED = "exhausted"
    TIMEOUT = "timeout"
    NON_RETRYABLE = "non_retryable"
    CANCELLED = "cancelled"
    POLICY_NOT_RECORDED = "policy_not_recorded"
    ATTEMPTS_NOT_RECORDED = "attempts_not_recorded"


_VERDICTS: dict[Reason | None, Verdict] = {
    None: Verdict.NONE,
    Reason.WITHIN_POLICY: Verdict.EXPECTED,
    Reason.DEFAULT_POLICY: Verdict.EXPECTED,
    Reason.NOT_CHOSEN: Verdict.UNEXPECTED,
    Reason.BEYOND_POLICY: Verdict.UNEXPECTED,
    Reason.NO_POLICY: Verdict.UNEXPECTED,
    Reason.EXHAUSTED: Verdict.UNEXPECTED,
    Reason.TIMEOUT: Verdict.UNEXPECTED,
    Reason.NON_RETRYABLE: Verdict.UNEXPECTED,
    Reason.CANCELLED: Verdict.NONE,
    Reason.POLICY_NOT_RECORDED: Verdict.UNKNOWN,
    Reason.ATTEMPTS_NOT_RECORDED: Verdict.UNKNOWN,
}


def verdict_of(reason: Reason | None) -> Verdict:
    return _VERDICTS[reason]


def is_expected_retry(reason: Reason | None, retries: int | None) -> bool | None:
    """True or False for judged retries; None when nothing was retried or the history does not say."""
    verdict = verdict_of(reason)
    if not retries or verdict not in {Verdict.EXPECTED, Verdict.UNEXPECTED}:
        return None
    return verdict is Verdict.EXPECTED
