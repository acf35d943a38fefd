"""What is asked of figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from watchglass.statistics.columns import Kept
from watchglass.statistics.window import Window

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
END = datetime(9999, 12, 1, tzinfo=UTC)
"""Open ends. Both begin a month, so that nothing at them is counted from rows."""


@dataclass(frozen=True)
class Question:
    """Which figures, of what and when."""

    kept: Kept
    project_id: UUID
    workflow_ids: Sequence[UUID] | None
    """None: all of the project's workflows together, which are not told apart by version or node."""
    windows: Sequence[tuple[datetime, datetime]]
    """start ≤ t < end, by the start of the execution."""
    by: tuple[str, ...] = ()
    """Dimensions of `kept`, or `series` for the workflow; what does not differ in them is one line."""
    only: Mapping[str, Any] = field(default_factory=dict)
    """Values of dimensions, of which no other counts."""
    measured: tuple[str, ...] = ()
    """Measures of `kept` whose durations are wanted as a histogram, or themselves."""
    figures: tuple[str, ...] | None = None
    """Sums and extremes; None: all of `kept`."""

    @property
    def counted(self) -> str:
        """The sum that says how many there are."""
        return self.kept.counted

    @cached_property
    def sums(self) -> tuple[str, ...]:
        """With how many there are, whatever is asked for."""
        return tuple(name for name in self.kept.sums if self.figures is None or name in (self.counted, *self.figures))

    @cached_property
    def extremes(self) -> Mapping[str, str]:
        """The aggregate by column."""
        every = self.kept.extremes.items()
        return {name: kind for name, (kind, _) in every if self.figures is None or name in self.figures}

    @property
    def series(self) -> Sequence[UUID]:
        return [self.project_id] if self.workflow_ids is None else self.workflow_ids


def ask(
    kept: Kept,
    window: Window,
    *,
    by: tuple[str, ...] = (),
    windows: Sequence[tuple[datetime, datetime]] | None = None,
    workflow_ids: Sequence[UUID] | None = None,
    measured: tuple[str, ...] = (),
    figures: tuple[str, ...] | None = None,
) -> Question:
    """What is to be read of a window. `windows`: of parts of it; `workflow_ids`: told apart by workflow.

    `figures`: the sums and extremes that are wanted, where it is not all of them: fewer are read more quickly.
    """
    if window.workflow_id is not None:
        workflow_ids = [window.workflow_id]
    ends = windows if windows is not None else [(window.start or BEGINNING, window.end or END)]
    return Question(kept, window.project_id, workflow_ids, ends, by, window.only, measured, figures)
