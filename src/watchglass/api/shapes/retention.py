"""How long a project keeps its runs, and what goes when that changes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import Input, Output
from watchglass.model.retention import FEWEST_DAYS, MOST_DAYS

Days = Annotated[int, Field(ge=FEWEST_DAYS, le=MOST_DAYS)]


class Retention(Output):
    """How long a project keeps its runs. Figures stay when runs go."""

    keep_days: int | None
    """After their end; null: for ever. Runs go by whole months of their start, in UTC."""
    rows_from: datetime | None
    """Runs that started before were removed when they had ended so long ago; null: none were."""
    removed_runs: int
    """So far."""
    may_change: bool
    """The person asking is an owner."""


class RetentionAsked(Input):
    """How long runs might be kept."""

    project_id: UUID
    keep_days: Days


class Removal(Output):
    """What a project that keeps runs for so many days does not keep."""

    runs: int
    runs_are_exact: bool
    """False when counting stopped early: there are more."""
    rows_from: datetime
    """The runs that go started before this month (UTC) …"""
    closed_before: datetime
    """… and ended before this."""
    next_at: datetime
    """When runs of the next month begin to go."""


class RetentionSaved(Input):
    """How long runs are to be kept."""

    project_id: UUID
    keep_days: Days | None
    """After their end; null: for ever."""
    confirmed: bool = False
    """The person was told which runs go, and wants that; needed when there are any."""
