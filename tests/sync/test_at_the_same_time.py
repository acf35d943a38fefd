"""Two who write the same runs at the same time: neither counts twice, and neither waits for the other in a ring."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest_asyncio
from tests.acceptance.bench import assert_totals_equal_recomputation
from tests.acceptance.eventually import eventually
from tests.databases import make_project
from tests.store.rls.seed import described

from watchglass.model.connection import Connection
from watchglass.model.described import Described
from watchglass.model.execution import RunRef
from watchglass.statistics.keep import totals_kept
from watchglass.store.backfills import NewBackfill, add_backfill, cancel_backfill, release_cancelled
from watchglass.store.connections import ensure_connection
from watchglass.store.followed import want_retrying, want_watched
from watchglass.store.namespaces import keep_namespace_id
from watchglass.store.resets import Reset, find_bases
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey, SyncState, lock_states, read_state
from watchglass.sync.gone import note_missing
from watchglass.sync.listed import take_in


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def connection(store: Store) -> Connection:
    project_id, _ = await make_project(store, "At the same time", owner="ada")
    async with store.write() as writer:
        return await ensure_connection(
            writer, project_id=project_id, address="127.0.0.1:1", namespace="a", is_embedded=False
        )


def open_run(run_id: str) -> Described:
    return replace(described("run-1"), ref=RunRef(run_id, run_id), status=1, closed_at=None)


async def insert(store: Store, connection: Connection, run_id: str) -> ExecutionKey:
    async with store.write() as writer:
        (key,) = (await take_in(writer, connection, [open_run(run_id)])).new
    return key


async def waiting_for_locks(store: Store) -> int:
    async with store.write() as reader:
        count: int = await reader.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
    return count


async def missing_run(store: Store, connection: Connection, run_id: str) -> tuple[SyncState, UUID]:
    """A run that a back-fill wants, and that Temporal did not find two minutes ago."""
    key = await insert(store, connection, run_id)
    async with store.write() as writer:
        job = await add_backfill(writer, connection, NewBackfill())
        await writer.execute(
            "UPDATE workflow_executions SET backfill_id = $2, missing_since = clock_timestamp() - interval '2 minutes' "
            "WHERE id = $1",
            key.id,
            job,
        )
        state = await read_state(writer, key.id)
    assert state is not None
    return state, job


async def test_two_who_find_a_run_gone_count_it_once(store: Store, connection: Connection) -> None:
    state, job = await missing_run(store, connection, "gone for two")
    async with store.write() as holder:
        await lock_states(holder, [state.key])
        both = [asyncio.create_task(note_missing(store, state)) for _ in range(2)]

        async def both_wait() -> bool:
            return await waiting_for_locks(store) == 2

        assert await eventually(both_wait)
    assert await asyncio.gather(*both) == [True, True]
    async with store.write() as reader:
        assert await reader.fetchval("SELECT status FROM workflow_executions WHERE id = $1", state.key.id) == "unknown"
        assert await reader.fetchval("SELECT missed_runs FROM backfills WHERE id = $1", job) == 1
    await assert_totals_equal_recomputation(store)


async def test_a_run_that_ended_while_temporal_was_asked_is_not_gone(store: Store, connection: Connection) -> None:
    """What was copied in the meantime is younger than the answer that there is no such run."""
    state, job = await missing_run(store, connection, "copied meanwhile")
    project_id, execution_id = state.key.project_id, state.key.id
    async with store.write() as writer, totals_kept(writer, [(project_id, execution_id)]):
        await lock_states(writer, [state.key])
        await writer.execute(
            "UPDATE workflow_executions SET status = 'completed', closed_at = started_at, is_final = true, "
            "synced_at = clock_timestamp(), sync_status = 'synced' WHERE id = $1",
            execution_id,
        )
    assert not await note_missing(store, state)
    async with store.write() as reader:
        row = await reader.fetchrow(
            "SELECT status, sync_status, source_gone_at FROM workflow_executions WHERE id = $1", execution_id
        )
        assert await reader.fetchval("SELECT missed_runs FROM backfills WHERE id = $1", job) == 0
    assert row is not None
    assert tuple(row) == ("completed", "synced", None)
    await assert_totals_equal_recomputation(store)


async def test_who_looks_for_the_base_of_a_reset_never_waits_in_a_ring_with_a_listing(
    store: Store, connection: Connection
) -> None:
    key = await insert(store, connection, "made by a reset")

    async def list_it() -> None:
        async with store.write() as writer:
            await take_in(writer, connection, [open_run("made by a reset"), open_run("new")])

    async with store.write() as copier:
        await find_bases(copier, [Reset(key, connection.id, "a base that nobody knows")])
        listing = asyncio.create_task(list_it())

        async def listing_waits() -> bool:
            return await waiting_for_locks(store) == 1

        assert await eventually(listing_waits)
        # A ring would end here, with one of the two thrown out by the database.
        await lock_states(copier, [key])
    await listing


async def test_who_holds_a_run_can_name_its_connection_while_others_hold_that(
    store: Store, connection: Connection
) -> None:
    """The looker for a base and the keeper of the namespace's id want the run next."""
    key = await insert(store, connection, "retries")
    async with store.write() as writer:
        await keep_namespace_id(writer, connection, "the first")

    async def look_for_base() -> None:
        async with store.write() as copier:
            await find_bases(copier, [Reset(key, connection.id, "another base that nobody knows")])
            await lock_states(copier, [key])

    async def keep_id() -> None:
        async with store.write() as keeper:
            assert await keep_namespace_id(keeper, connection, "the second")

    async def somebody_waits() -> bool:
        return await waiting_for_locks(store) == 1

    for other in (look_for_base, keep_id):
        async with store.write() as copier:
            await lock_states(copier, [key])
            waiting = asyncio.create_task(other())
            assert await eventually(somebody_waits)
            await want_retrying(copier, [(key, connection.id, 30.0)])
        await waiting


async def test_a_run_that_is_being_written_leaves_the_queue_of_a_cancelled_job_too(
    store: Store, connection: Connection
) -> None:
    key = await insert(store, connection, "written while its job is cancelled")
    async with store.write() as writer:
        job = await add_backfill(writer, connection, NewBackfill())
        await writer.execute("UPDATE workflow_executions SET backfill_id = $2 WHERE id = $1", key.id, job)
        await cancel_backfill(writer, job)

    async def release() -> None:
        async with store.write() as writer:
            await release_cancelled(writer)

    async with store.write() as writing:
        await lock_states(writing, [key])
        await release()
    await release()
    async with store.write() as reader:
        row = await reader.fetchrow(
            "SELECT e.next_sync_at, e.backfill_id, b.phase FROM workflow_executions e, backfills b "
            "WHERE e.id = $1 AND b.id = $2",
            key.id,
            job,
        )
    assert row is not None
    assert tuple(row) == (None, None, "over")


async def test_a_run_that_a_page_lists_twice_is_one_run_and_closed(store: Store, connection: Connection) -> None:
    is_open = open_run("listed-twice")
    closed = replace(is_open, status=2, closed_at=is_open.started_at)
    async with store.write() as writer:
        (key,) = (await take_in(writer, connection, [closed, is_open])).new
        status = await writer.fetchval("SELECT status FROM workflow_executions WHERE id = $1", key.id)
    assert status == "completed"


async def test_who_looks_at_a_run_and_a_sync_that_finds_it_retrying_do_not_wait_in_a_ring(
    store: Store, connection: Connection
) -> None:
    key = await insert(store, connection, "looked-at")

    async def look() -> None:
        async with store.write() as writer:
            await want_watched(writer, key, seconds=30, at_most_every=10)

    async def somebody_waits() -> bool:
        return await waiting_for_locks(store) > 0

    async with store.write() as writer:
        await lock_states(writer, [key])
        looking = asyncio.create_task(look())
        assert await eventually(somebody_waits)
        await want_retrying(writer, [(key, connection.id, 30.0)])
    await looking
    async with store.write() as reader:
        row = await reader.fetchrow(
            "SELECT watched_until, retrying_until FROM followed_executions WHERE execution_id = $1", key.id
        )
    assert row is not None and None not in tuple(row)
