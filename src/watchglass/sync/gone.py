"""Runs that Temporal no longer has. What was copied stays; only the first such answer alone is not believed."""

from datetime import UTC, datetime, timedelta

from watchglass.statistics.keep import totals_kept
from watchglass.store.scope import Store
from watchglass.store.sync_states import SyncState, mark_gone, mark_missing, mark_present
from watchglass.sync.freshness import MISSING_RETRY_SECONDS
from watchglass.sync.parts import Parts
from watchglass.temporal.describe import describe_run
from watchglass.temporal.errors import RunMissing


async def note_missing(store: Store, state: SyncState) -> bool:
    """Keep that Temporal did not find the run; return whether it counts as gone: said twice, a minute apart."""
    since = state.missing_since
    is_gone = since is not None and datetime.now(UTC) - since >= timedelta(seconds=MISSING_RETRY_SECONDS - 1)
    async with store.write() as writer:
        if is_gone:
            async with totals_kept(writer, [(state.key.project_id, state.key.id)]):
                await mark_gone(writer, state.key)
        else:
            await mark_missing(writer, state.key, next_in_seconds=MISSING_RETRY_SECONDS)
    return is_gone


async def check_gone(parts: Parts, state: SyncState) -> None:
    """Ask Temporal once whether it still has a run that was copied to its end.

    Raises:
        TemporalUnavailable, TemporalBusy, TemporalRefused
    """
    connection = await parts.connection(state.connection_id)
    access = await parts.access(connection)
    try:
        await describe_run(access, state.ref.workflow_id, state.ref.run_id)
    except RunMissing:
        await note_missing(parts.store, state)
        return
    async with parts.store.write() as writer:
        await mark_present(writer, state.key)
