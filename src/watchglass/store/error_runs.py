"""Runs that ended with an error, and what their rows say of it."""

import json

from watchglass.model.failure import Failure
from watchglass.parse.error_group import error_group
from watchglass.parse.failure import surface_error
from watchglass.store.text import storable

IS_ERROR = (
    "(e.status IN ('failed', 'timed_out', 'terminated') AND NOT e.is_retried "
    "AND e.superseded_by IS NULL AND NOT e.stopped_by_reset)"
)
"""A run that Temporal's workflow retry or cron carries on, or that a reset replaced or stopped, is not an error.
The indexes of errors hold just these runs."""


def error_columns(failure: Failure | None, failed_step: str | None) -> tuple[str | None, str | None, str]:
    """Type, message and group of the error, as they are stored; `failed_step` is the name of the step that failed.

    The group is one of what is stored, not of what was hidden before.
    """
    error_type, message = surface_error(failure)
    error_type = storable(error_type) if error_type else None
    message = None if message is None else storable(message)
    return error_type, message, error_group(error_type, message, failed_step)


def step_name(step: str | None) -> str | None:
    """The name in a `failed_step` as rows hold it."""
    return None if step is None else json.loads(step)[2]
