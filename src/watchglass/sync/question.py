"""The visibility queries of a connection: its scope, and never Watchglass's own runs."""

from datetime import UTC, datetime

from watchglass.model.connection import Connection
from watchglass.store.listing_windows import ListingWindow
from watchglass.sync.messages import SYSTEM_QUEUE, SYSTEM_TYPES
from watchglass.temporal.scope import check_scope, join

_TIMES = {"started": "StartTime", "closed": "CloseTime"}


def question(connection: Connection, *conditions: str) -> str:
    """The runs of the connection that meet all of the conditions.

    Raises:
        QuestionRefused: the scope is none that can stand beside a condition.
    """
    check_scope(connection.scope)
    return f"{join(connection.scope, *conditions)} AND {not_ours()}".removeprefix(" AND ")


def not_ours() -> str:
    """Visibility condition: none of Watchglass's own runs, should they ever share the namespace."""
    types = " AND ".join(f"WorkflowType != '{name}'" for name in SYSTEM_TYPES)
    return f"TaskQueue != '{SYSTEM_QUEUE}' AND {types}"


def within(window: ListingWindow) -> str:
    """Visibility condition: started, or closed, in that time. Empty for all time."""
    name = _TIMES[window.of]
    bounds = []
    if window.from_at is not None:
        bounds.append(f"{name} >= '{_moment(window.from_at)}'")
    if window.to_at is not None:
        bounds.append(f"{name} < '{_moment(window.to_at)}'")
    return " AND ".join(bounds)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
