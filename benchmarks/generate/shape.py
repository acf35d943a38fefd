"""How much is made: at scale 1, a million executions and ten million component executions."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

EXECUTIONS = 1_000_000
COMPONENTS_EACH = 10
PROJECTS = 30
WORKFLOWS_EACH = 20
EXPONENT = 1.2
"""Of Zipf's law: the n-th project has 1 / n^1.2 of what the first has, and so has the n-th workflow of a project."""
THROUGH_STORE = 0.02
"""The share that goes the way of a sync; the rest is copied from it inside the database."""
DAYS = 365
CROWDING = 2.5
"""A share s of the executions is younger than s^2.5 of the time: a tenth of them started in the last day."""


@dataclass(frozen=True, slots=True)
class Part:
    """The executions of one workflow."""

    project: int
    workflow: int
    executions: int


def parts(scale: float) -> Iterator[Part]:
    """The largest project and workflow first; each workflow has at least one execution, and shares are rounded up."""
    total = EXECUTIONS * scale
    for project, of_project in enumerate(_zipf(PROJECTS)):
        for workflow, share in enumerate(_zipf(WORKFLOWS_EACH)):
            yield Part(project, workflow, ceil(total * of_project * share))


def _zipf(count: int) -> list[float]:
    weights = [number**-EXPONENT for number in range(1, count + 1)]
    return [weight / sum(weights) for weight in weights]
