"""How many, over the component executions of one run."""

from collections.abc import Iterable
from dataclasses import dataclass

from watchglass.model.component import Component
from watchglass.model.verdict import Verdict, verdict_of


@dataclass(frozen=True, slots=True)
class Tally:
    components: int = 0
    failed: int = 0
    retries: int = 0
    unexpected_retries: int = 0
    """Retries of units that are judged unexpected."""
    unexpected_failures: int = 0
    """Units that are judged unexpected, retried or not."""


def tally(components: Iterable[Component]) -> Tally:
    """Count units, without those that a reset copied from another run."""
    count = failed = retries = unexpected_retries = unexpected_failures = 0
    for component in components:
        if component.copied:
            continue
        count += 1
        failed += component.status.is_failure
        retried = component.retries or 0
        retries += retried
        if component.reason is not None and verdict_of(component.reason) is Verdict.UNEXPECTED:
            unexpected_failures += 1
            unexpected_retries += retried
    return Tally(count, failed, retries, unexpected_retries, unexpected_failures)
