"""Runs that Temporal no longer has. What was copied stays; only the first such answer alone is not believed."""

from datetime import timedelta

from watchglass.model.status import SyncStatus
from watchglass.statistics.keep import totals_kept
from watchglass.store.backfills import count_missed
from watchglass.store.scope import Store
from watchglass.store.sync_states import SyncState, lock_states, mark_gone, mark_missing, mark_present, missing_for
from watchglass.sync.freshness import MISSING_RETRY_SECONDS
from watchglass.sync.parts import Parts
from watchglass.temporal.describe import describe_run
from watchglass.temporal.errors import RunMissing


async def note_missing(store: Store, state: SyncState) -> bool:
    """Keep that Temporal did not find the run; return whether it counts as gone: said twice, a minute apart.

    `state` is what was stored when Temporal was asked. Others may ask at the same time: what they found by then stands.
    """
    key = state.key
    async with store.write() as writer:
        now = (await lock_states(writer, [key])).get(key)
        if now is None or now.sync_status is SyncStatus.GONE:
            return now is not None
        if now.synced_at != state.synced_at:
            return False
        since = await missing_for(writer, key)
        if since is None or since < timedelta(seconds=MISSING_RETRY_SECONDS - 1):
            await mark_missing(writer, key, next_in_seconds=MISSING_RETRY_SECONDS)
            return False
        async with totals_kept(writer, [(key.project_id, key.id)]):
            backfill_id = await mark_gone(writer, key)
        if backfill_id is not None:
            await count_missed(writer, project_id=key.project_id, backfill_id=backfill_id)
    return True


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
