"""How many component executions an execution has, and how many went wrong."""

from collections.abc import Iterable
from dataclasses import dataclass

from watchglass.model.component import Component
from watchglass.model.verdict import Verdict, verdict_of


@dataclass(frozen=True, slots=True)
class ComponentCounts:
    """Units before a reset point are copies of another run's and count nowhere."""

    components: int
    failed: int
    retries: int
    unexpected_retries: int
    """Retries of units whose verdict is `unexpected`."""
    unexpected_failures: int
    """Units whose verdict is `unexpected`, also those that failed without any retry."""


def count_components(components: Iterable[Component]) -> ComponentCounts:
    own = [component for component in components if not component.copied]
    unexpected = [component for component in own if verdict_of(component.reason) is Verdict.UNEXPECTED]
    return ComponentCounts(
        components=len(own),
        failed=sum(component.status.is_failure for component in own),
        retries=sum(component.retries or 0 for component in own),
        unexpected_retries=sum(component.retries or 0 for component in unexpected),
        unexpected_failures=len(unexpected),
    )
