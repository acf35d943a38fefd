"""How fresh a copy is said to be."""

from typing import Any

import pytest

from watchglass.api.procedures.freshness import is_due, sync_of
from watchglass.api.shapes.details import SyncState
from watchglass.model.refresh import Refreshed

ROW = {
    "source_gone_at": None,
    "is_final": False,
    "detail_state": "partial",
    "sync_error": None,
    "confirmed_at": None,
    "is_followed": False,
    "age_seconds": 60.0,
    "synced_event_id": 0,
    "derived_version": 0,
    "level": "all",
}


@pytest.mark.parametrize(
    ("sync_error", "refreshed", "state"),
    [
        (None, None, SyncState.SYNCING),
        ("Temporal did not answer.", None, SyncState.FAILED),
        (None, Refreshed(synced=False, changed=False, error="Temporal did not answer."), SyncState.FAILED),
        (None, Refreshed(synced=True, changed=False), SyncState.STALE),
    ],
)
def test_a_sync_that_keeps_failing_is_not_said_to_be_going_on(
    sync_error: str | None, refreshed: Refreshed | None, state: SyncState
) -> None:
    row: Any = ROW | {"sync_error": sync_error}
    told = sync_of(row, refreshed)
    error = sync_error or (refreshed.error if refreshed else None)
    assert (told.state, told.error) == (state, error)


def test_a_run_that_is_copied_on_request_alone_says_so_and_is_not_synced_by_looking() -> None:
    row: Any = ROW | {"level": "list", "detail_state": "none", "age_seconds": None}
    assert sync_of(row, None).state is SyncState.ON_REQUEST
    assert not is_due(row)
    assert is_due(row | {"level": "viewed"})
    assert sync_of(row | {"is_final": True, "detail_state": "complete"}, None).state is SyncState.FRESH
