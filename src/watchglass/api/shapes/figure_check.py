"""How stored figures compare with the runs that they are of, for administrators of the installation."""

from datetime import datetime

from watchglass.api.shapes.base import Output


class FigureCheck(Output):
    """Of one project, how the last comparison came out."""

    project_id: str | None
    """Null, as the name: a project that the administrator is not a member of."""
    project_name: str | None
    checked_at: datetime | None
    """When it was over; null: the first one is still to come."""
    release: str | None
    """The version of Watchglass that compared."""
    compared_figures: int
    """Buckets of time and totals."""
    differing_figures: int
    """Those that were not what their runs add up to."""
    drifted_at: datetime | None
    """When some differed last."""
    rebuilt_at: datetime | None
    """When they were made anew last because of it."""


class FigureChecks(Output):
    """Those that differed last first, then those that were compared longest ago; at most 500."""

    items: list[FigureCheck]
