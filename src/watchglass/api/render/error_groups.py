"""Groups of errors as they go over the wire."""

from watchglass.api.shapes.error_groups import ErrorGroup, ErrorGroups, OtherErrors
from watchglass.parse.error_group import message_pattern
from watchglass.statistics import error_groups as read
from watchglass.store.error_runs import step_name
from watchglass.store.summaries import Row

_ONLY_LISTED = "What went wrong is not known: Temporal's list told of these runs, and their histories were not copied."
_OUTDATED = "These runs were copied by an older version. They are being read again, and then stand with their errors."
_REMOVED = "What it said went with its runs, which are no longer kept."


def render_error_groups(found: read.ErrorGroups) -> ErrorGroups:
    return ErrorGroups(
        groups=[_group(row) for row in found.rows],
        other=OtherErrors(count=found.other_count, groups=found.other_groups),
    )


def _group(row: Row) -> ErrorGroup:
    is_known = row["error_group"] != ""
    step = step_name(row["failed_step"]) if is_known else None
    return ErrorGroup(
        error_group=row["error_group"],
        error_type=row["error_type"] if is_known else None,
        message=_message(row) if is_known else _unknown(row),
        step=None if step is None else message_pattern(step),
        count=row["count"],
        first_seen_at=row["first_seen_at"],
        last_seen_at=row["last_seen_at"],
        sample_execution_id=None if row["sample_id"] is None else str(row["sample_id"]),
    )


def _message(row: Row) -> str:
    return _REMOVED if row["is_removed"] else message_pattern(row["error_message"] or "")


def _unknown(row: Row) -> str:
    return _ONLY_LISTED if row["error_type"] is None and row["error_message"] is None else _OUTDATED
