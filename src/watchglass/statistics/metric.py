"""What a figure is: its name, its words, and two forms that say the same, one for PostgreSQL and one for Python."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Literal, TypeVar

RowT = TypeVar("RowT")
Unit = Literal["runs", "steps", "retries", "share", "ms", "name"]
Value = int | float | str | tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Metric(Generic[RowT]):
    """One figure of a group of rows. None, in both forms, where nothing is there to be counted."""

    name: str
    """As a column; on the wire the same in camelCase."""
    label: str
    unit: Unit
    """`share`: 0 to 1. `ms`: milliseconds. `name`: a text, no number."""
    formula: str
    """In words, for people."""
    sql: str
    """An aggregate over `workflow_executions e`, or over `component_executions c`."""
    of: Callable[[Sequence[RowT], Sequence[RowT]], Value]
    """The same of the rows of a group, and all rows of the window."""
    excludes: str = ""
    """What is left out, for people."""


def nearest_rank(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of all values does not exceed; `percentile_disc` in PostgreSQL."""
    if not values:
        return None
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def mean(values: Sequence[float]) -> float | None:
    """Summed up in decimals, as PostgreSQL sums `numeric`, so that no order of the rows gives another result."""
    if not values:
        return None
    return float(sum(Decimal(f"{value:.15g}") for value in values) / len(values))


def wilson(successes: int, failures: int) -> tuple[float, float] | None:
    """The 95 % interval of Wilson's score for a share; None where nothing was tried."""
    n = successes + failures
    if not n:
        return None
    share, z2 = successes / n, WILSON_Z**2
    centre = share + z2 / (2 * n)
    spread = WILSON_Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    # Held against the share itself: rounding must not put it outside of its own interval.
    return (
        min(max((centre - spread) / (1 + z2 / n), 0.0), share),
        max(min((centre + spread) / (1 + z2 / n), 1.0), share),
    )


def wilson_sql(successes: str, failures: str, side: Literal["low", "high"]) -> str:
    """`wilson` as an SQL expression over two counts."""
    n = f"nullif(({successes}) + ({failures}), 0)::double precision"
    share = f"(({successes}) / {n})"
    z2 = WILSON_Z**2
    spread = f"{WILSON_Z} * sqrt({share} * (1 - {share}) / {n} + {z2} / (4 * {n} * {n}))"
    centre = f"({share} + {z2} / (2 * {n}))"
    # `least` and `greatest` pass over NULL, which would make a bound of nothing.
    if side == "low":
        bound = f"least(greatest(({centre} - {spread}) / (1 + {z2} / {n}), 0), {share})"
    else:
        bound = f"greatest(least(({centre} + {spread}) / (1 + {z2} / {n}), 1), {share})"
    return f"CASE WHEN {n} > 0 THEN {bound} END"


WILSON_Z = 1.959963984540054
"""97.5 % of a normal distribution lie below it."""


def columns(metrics: Sequence[Metric[RowT]], names: Sequence[str]) -> str:
    """The SQL of these figures as the columns of a query."""
    forms = {metric.name: metric.sql for metric in metrics}
    return ", ".join(f"{forms[name]} AS {name}" for name in names)
