"""Errors of a workflow or of a project by what went wrong."""

from datetime import datetime

from watchglass.api.shapes.base import Output


class ErrorGroup(Output):
    """Runs that ended with the same error, whatever ids, numbers and times stood in its message."""

    error_group: str
    """What the list of executions can be filtered by; empty for runs of which no error is known."""
    error_type: str | None
    message: str
    """With its changing parts named instead of spelled out; a sentence where no error is known (any more)."""
    step: str | None
    """The step that failed."""
    count: int
    """How many runs in the window."""
    first_seen_at: datetime
    """When the first run with this error started, whatever the window. So is the last."""
    last_seen_at: datetime
    sample_execution_id: str | None
    """The newest run in the window; null when all of those were removed."""


class OtherErrors(Output):
    """The groups beyond the fifty with most runs."""

    count: int
    groups: int


class ErrorGroups(Output):
    """Most frequent first; the counts sum to the error count of the same window."""

    groups: list[ErrorGroup]
    other: OtherErrors
