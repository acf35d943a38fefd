"""What is read of figures: one line for each of the dimensions that were asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """What adds up to one line of figures."""

    window: int
    """Which of the windows that were asked for."""
    dimensions: tuple[Any, ...]
    sums: Mapping[str, int | Decimal]
    extremes: Mapping[str, float | None]
    histogram: Sequence[tuple[int, int]] = ()
    """(code, count) of what was asked for (`Question.measured`), in no order."""
    durations: Mapping[str, Sequence[float]] | None = None
    """In its place where there are few: those themselves, by measure, the shortest first."""
    ran: tuple[datetime, datetime] | None = None
    """When its first and its last execution started, where there are few."""
