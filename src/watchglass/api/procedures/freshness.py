"""How fresh a copy is, and when somebody looking is worth a sync."""

from watchglass.api.shapes.details import Sync, SyncState
from watchglass.model.connection import Level
from watchglass.model.refresh import Refreshed
from watchglass.parse import PARSE_VERSION
from watchglass.store.summaries import Row
from watchglass.sync.freshness import FRESH_SECONDS, GONE_CHECK_SECONDS, STALE_SECONDS

SYNC_SECONDS = 2.0
"""The person looking waits no longer than this; the sync goes on without them."""
FINAL_SECONDS = 0.2
"""A copy that cannot change is worth no longer wait; what is found out shows on the next look."""


def is_final(row: Row) -> bool:
    """The run has ended and all of it is copied."""
    return bool(row["is_final"]) and row["detail_state"] == "complete"


def is_outdated(row: Row) -> bool:
    """The copy was derived by older rules than this version's."""
    return bool(row["synced_event_id"] and row["derived_version"] < PARSE_VERSION)


def is_due(row: Row) -> bool:
    """Copies older than a second, or made by older rules. Of final ones also those of which nobody knows whether
    Temporal still has the run."""
    if is_outdated(row):
        return True
    if row["source_gone_at"] is not None:
        return False
    if is_on_request(row):
        return False
    if is_final(row):
        return row["missing_since"] is not None or _is_older(row["source_age_seconds"], GONE_CHECK_SECONDS)
    # A follower says every three seconds that the copy equals Temporal, and acts at once when it does not.
    return _is_older(row["age_seconds"], FRESH_SECONDS if row["is_followed"] else STALE_SECONDS)


def is_on_request(row: Row) -> bool:
    """A run of level `list` is not copied by looking at it: somebody has to ask for it."""
    return row["level"] == Level.LIST and not is_final(row)


def _is_older(age: float | None, seconds: float) -> bool:
    return age is None or age > seconds


def sync_of(row: Row, refreshed: Refreshed | None) -> Sync:
    """`refreshed` is what came of this request's sync; None while it is still going on."""
    error = row["sync_error"] or (refreshed.error if refreshed else None)
    return Sync(state=_state(row, refreshed, error), synced_at=row["confirmed_at"], error=error)


def _state(row: Row, refreshed: Refreshed | None, error: str | None) -> SyncState:
    if row["source_gone_at"] is not None:
        return SyncState.GONE
    if is_outdated(row) and refreshed is None:
        return SyncState.SYNCING
    if is_final(row):
        return SyncState.FRESH
    if error is not None:
        # Also while a sync is going on: a server that stands still would otherwise show "syncing" for ever.
        return SyncState.FAILED
    if is_on_request(row):
        return SyncState.ON_REQUEST
    if refreshed is None:
        return SyncState.SYNCING
    age = row["age_seconds"]
    return SyncState.FRESH if age is not None and age <= FRESH_SECONDS else SyncState.STALE
